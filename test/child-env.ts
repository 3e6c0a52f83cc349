/** What a program of ours starts with in tests: nothing of whoever runs them, but for what Node has compiled already. */
export const childEnv = (): Record<string, string> => {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env
  return { PATH, ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }) }
}
