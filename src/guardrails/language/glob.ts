// Patterns in which `*` stands for any text. Linear in the text, whatever the pattern: each piece is looked for once, from where the last was found (Knuth, Morris, Pratt).

export type Glob = (text: string) => boolean

export const globOf = (pattern: string): Glob => {
  const pieces = pattern.split('*')
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)]
  if (pieces.length === 1) return (text) => text === pattern
  const middle = pieces
    .slice(1, -1)
    .filter((piece) => piece !== '')
    .map(finderOf)
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
    let at = first.length
    for (const find of middle) {
      at = find(text, at)
      if (at < 0) return false
    }
    return at + last.length <= text.length
  }
}

/** Where the first match of `piece` at or after `from` ends; -1 when there is none. */
const finderOf = (piece: string): ((text: string, from: number) => number) => {
  const fallback = fallbackOf(piece)
  return (text, from) => {
    let matched = 0
    for (let i = from; i < text.length; i++) {
      while (matched > 0 && text[i] !== piece[matched]) matched = fallback[matched - 1]!
      if (text[i] === piece[matched]) matched++
      if (matched === piece.length) return i + 1
    }
    return -1
  }
}

/** For each prefix, the length of its longest border: how much of a failed match is still a match. */
const fallbackOf = (piece: string): number[] => {
  const borders = [0]
  for (let i = 1, length = 0; i < piece.length; i++) {
    while (length > 0 && piece[i] !== piece[length]) length = borders[length - 1]!
    if (piece[i] === piece[length]) length++
    borders.push(length)
  }
  return borders
}
