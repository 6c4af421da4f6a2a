// What tests count.
export const percentile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

// How often `wanted` is so in `things`.
export const count = (things, wanted) => things.filter(wanted).length;
