// A problem's `type` is an address this site serves itself, so that it resolves with no internet.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'

export const problemPagesFolder = join(import.meta.dirname, '../../docs/problems')

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (char) => escapes[char]!)

/** Only what our own pages use: a heading, paragraphs, lists and `code`. */
const toHtml = (markdown: string): string =>
  markdown
    .trim()
    .split(/\n{2,}/)
    .map((block) => {
      const text = escapeHtml(block).replace(/`([^`]+)`/g, '<code>$1</code>')
      if (text.startsWith('# ')) return `<h1>${text.slice(2)}</h1>`
      if (text.startsWith('- '))
        return `<ul>${text
          .split(/\n(?=- )/)
          .map((item) => `<li>${item.slice(2)}</li>`)
          .join('')}</ul>`
      return `<p>${text}</p>`
    })
    .join('\n')

const style =
  'body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1.5rem;color:#1a1f2b;background:#fff}h1{font-size:1.5rem}' +
  'code{background:#eef1f5;padding:.1em .35em;border-radius:4px;font-size:.9em}a{color:#0b62d6}' +
  '@media(prefers-color-scheme:dark){body{background:#10141b;color:#e4e8ef}code{background:#222a36}a{color:#7db4ff}}'

export const problemPage = (request: FastifyRequest, reply: FastifyReply) => {
  const { code } = request.params as { code: string } // the route's own parameter
  const markdown = /^[a-z][a-z0-9-]{1,60}$/.test(code) ? read(code) : undefined
  const body = toHtml(markdown ?? '# Unknown problem\n\nThis site has no problem of that name.')
  return reply
    .code(markdown === undefined ? 404 : 200)
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Holdfast: ${escapeHtml(code.slice(0, 60))}</title><style>${style}</style><main>${body}<p><a href="/">To the site</a></p></main></html>`,
    )
}

const read = (code: string): string | undefined => {
  try {
    return readFileSync(join(problemPagesFolder, `${code}.md`), 'utf8')
  } catch {
    return undefined
  }
}
