// What a model writes is untrusted text. Raw HTML stays text, nothing is fetched (an image's address could carry out what was said),
// and a link shows where it leads before one follows it.
import { Children, isValidElement, memo, type ReactNode } from 'react'
import ReactMarkdown, { type Components } from 'react-markdown'
import rehypeHighlight from 'rehype-highlight'
import remarkGfm from 'remark-gfm'
import { Copy } from './copy.tsx'
import css from './markdown.module.css'

export const Markdown = memo(function Markdown({ children }: { children: string }) {
  return (
    <div className={css.text}>
      <ReactMarkdown remarkPlugins={[remarkGfm]} rehypePlugins={[rehypeHighlight]} components={components}>
        {children}
      </ReactMarkdown>
    </div>
  )
})

const components: Components = {
  a: ({ href = '', children }) =>
    href.startsWith('#') || href === '' ? (
      <span>{children}</span>
    ) : (
      <>
        <a href={href} target="_blank" rel="noopener noreferrer nofollow">
          {children}
        </a>
        {textOf(children) !== href && <span className={css.where}> ({href})</span>}
      </>
    ),
  img: ({ alt, src }) => (
    <span className={css.image}>
      Image not loaded: {alt ? `${alt} · ` : ''}
      {typeof src === 'string' ? src : ''}
    </span>
  ),
  pre: ({ children }) => {
    const code = Children.toArray(children).find((child) => isValidElement<{ className?: string; children?: ReactNode }>(child))
    const language = /language-([\w+-]+)/.exec((isValidElement<{ className?: string }>(code) && code.props.className) || '')?.[1]
    return (
      <div className={css.code}>
        <div className={css.codeHead}>
          <span>{language ?? 'text'}</span>
          <Copy value={textOf(children)} label="Copy code" />
        </div>
        <pre tabIndex={0}>{children}</pre>
      </div>
    )
  },
}

const textOf = (node: ReactNode): string => {
  if (typeof node === 'string' || typeof node === 'number') return String(node)
  if (Array.isArray(node)) return node.map(textOf).join('')
  return isValidElement<{ children?: ReactNode }>(node) ? textOf(node.props.children) : ''
}

// A default export lets the page load this, with its parser and grammars, only when there is something to show.
// oxlint-disable-next-line import/no-default-export
export default Markdown
