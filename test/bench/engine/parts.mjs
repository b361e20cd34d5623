export const sequential = async () => ({ title: "", figures: [] });
export const chunksPart = sequential;
