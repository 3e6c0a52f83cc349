// The frame every page has: a title one can land on, what it is for, and the acts that are open to this person.
import { IconArrowLeft } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'
import css from './page.module.css'

type PageProps = {
  title: string
  lead?: ReactNode
  actions?: ReactNode
  back?: { to: string; label: string }
  wide?: boolean
  children: ReactNode
}

export function Page({ title, lead, actions, back, wide, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Holdfast`
  }, [title])
  return (
    <div className={`${css.page} ${wide ? css.wide : ''}`}>
      <header className={css.head}>
        <div>
          {back && (
            <Link to={back.to} className={css.back}>
              <IconArrowLeft size={14} aria-hidden /> {back.label}
            </Link>
          )}
          <h1 className={css.title} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p className={css.lead}>{lead}</p>}
        </div>
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      <div className={css.stack}>{children}</div>
    </div>
  )
}

export function Panel({
  title,
  note,
  actions,
  flush,
  children,
}: {
  title?: string
  note?: ReactNode
  actions?: ReactNode
  flush?: boolean
  children: ReactNode
}) {
  return (
    <section className={css.panel} aria-label={title}>
      {title && (
        <div className={css.panelHead}>
          <h2 className={css.panelTitle}>{title}</h2>
          {note && <span className={css.panelNote}>{note}</span>}
          {actions}
        </div>
      )}
      <div className={flush ? css.flush : css.panelBody}>{children}</div>
    </section>
  )
}

export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className={css.empty}>
      {icon && (
        <span className={css.emptyIcon} aria-hidden>
          {icon}
        </span>
      )}
      <span className={css.emptyTitle}>{title}</span>
      {children && <span className={css.emptyText}>{children}</span>}
      {action && <div style={{ marginTop: 14 }}>{action}</div>}
    </div>
  )
}

/** Names and what they are, as a list a screen reader can walk. */
export function Facts({ of }: { of: Record<string, ReactNode> }) {
  const shown = Object.entries(of).filter(([, value]) => value !== undefined && value !== null && value !== false && value !== '')
  return (
    <dl className={css.facts}>
      {shown.flatMap(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name}:`}>{value}</dd>])}
    </dl>
  )
}
