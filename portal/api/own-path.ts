/** Only a path of our own: an address given in a link must not lead a fresh session elsewhere. */
export const ownPath = (next: string | undefined): string => (next && /^\/(?![/\\])/.test(next) ? next : '/')
