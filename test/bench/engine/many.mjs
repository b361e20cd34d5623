export const many = async () => ({ title: "", figures: [] });
