// Asking a model. Each answer says which model wrote it and carries a receipt that can be checked here or anywhere else.
import { ActionIcon, Drawer, Tooltip, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconHistory, IconPlus } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useAnswer, type Answer } from '../api/answer.ts'
import { post } from '../api/client.ts'
import { callable, conversation as conversationQuery } from '../api/queries.ts'
import type { Conversation, Message } from '../api/types.ts'
import { Conversations } from './chat-list.tsx'
import { Composer } from './chat-composer.tsx'
import { Greeting, Live, Told } from './chat-message.tsx'
import { Failure, tellFailure } from './failure.tsx'
import { ReceiptDrawer } from './receipt.tsx'
import css from './chat.module.css'

const titleLengthMax = 70

/** The first line of the question, cut between words. */
const titleOf = (question: string): string => {
  const line = question.trim().split('\n')[0] ?? ''
  return line.length <= titleLengthMax ? line : `${line.slice(0, titleLengthMax).replace(/\s+\S*$/, '')}…`
}

export function ChatPage() {
  const { id } = useParams({ strict: false })
  const { model: wanted, receipt } = useSearch({ strict: false })
  const navigate = useNavigate()
  const { data: models } = useSuspenseQuery(callable)
  const { data: open, error } = useQuery({ ...conversationQuery(id ?? ''), enabled: id !== undefined })
  const { answer, ask, stop, clear } = useAnswer()
  const [list, setList] = useDisclosure(false)
  const ids = models.data.map((each) => each.id)
  const lastUsed = open?.messages.findLast((message) => message.model)?.model ?? open?.model
  const model = [wanted, lastUsed, ids[0]].find((each) => each !== undefined && ids.includes(each))
  const messages = id === undefined ? [] : (open?.messages ?? [])
  const mine = answer?.conversationId === id ? answer : undefined

  const send = async (content: string) => {
    if (model === undefined) return false
    try {
      const into = id ?? (await post<Conversation>('/conversations', { title: titleOf(content), model })).id
      if (into !== id)
        await navigate({ to: '/chat/{-$id}', params: { id: into }, search: (old) => ({ ...old, receipt: undefined }) })
      void ask({ conversationId: into, content, model })
      return true
    } catch (failure) {
      tellFailure(failure)
      return false
    }
  }
  const retry = (message: Message) => model && void ask({ conversationId: id!, content: '', model, retryOf: message.id })
  const showReceipt = (entry: string | undefined) =>
    navigate({ to: '.', search: (old) => ({ ...old, receipt: entry }), replace: true })

  if (error) return <Failure error={error} reset={() => navigate({ to: '/chat/{-$id}', params: { id: undefined } })} />
  return (
    <div className={css.chat}>
      <aside className={css.list} aria-label="Conversations">
        <Conversations active={id} />
      </aside>
      <Drawer
        opened={list}
        onClose={setList.close}
        title="Conversations"
        size={300}
        padding={0}
        styles={{ header: { padding: 12 } }}
      >
        <div
          className={css.list}
          onClick={(event) => event.target instanceof Element && event.target.closest('a') && setList.close()}
        >
          <Conversations active={id} />
        </div>
      </Drawer>
      <section className={css.main} aria-label="Conversation">
        <header className={css.bar}>
          <ActionIcon className={css.onlySmall} onClick={setList.open} aria-label="Conversations">
            <IconHistory size={18} />
          </ActionIcon>
          <h1 className={css.barTitle}>{id === undefined ? 'New conversation' : (open?.title ?? '')}</h1>
          <Tooltip label="New conversation">
            <ActionIcon className={css.onlySmall} component={Link} to="/chat" aria-label="New conversation">
              <IconPlus size={18} />
            </ActionIcon>
          </Tooltip>
        </header>
        <Thread
          messages={messages}
          answer={mine}
          onRetry={retry}
          onReceipt={showReceipt}
          onAgain={clear}
          onIdea={id === undefined && model !== undefined ? send : undefined}
        />
        <Composer
          key={id ?? 'new'}
          models={ids}
          model={model}
          onModel={(next) => navigate({ to: '.', search: (old) => ({ ...old, model: next }), replace: true })}
          busy={mine !== undefined && mine.state !== 'failed'}
          onSend={send}
          onStop={stop}
        />
      </section>
      <ReceiptDrawer id={receipt} onClose={() => showReceipt(undefined)} />
    </div>
  )
}

type ThreadProps = {
  messages: Message[]
  answer: Answer | undefined
  onRetry: (message: Message) => void
  onReceipt: (entry: string) => void
  onAgain: () => void
  onIdea: ((text: string) => Promise<boolean>) | undefined
}

function Thread({ messages, answer, onRetry, onReceipt, onAgain, onIdea }: ThreadProps) {
  const scroll = useFollow(messages.length, answer)
  const last = messages.at(-1)
  // While a retry is written, the answer it replaces is not shown; a question already stored is not shown twice.
  const shown = messages.filter(({ id, role }) => id !== answer?.retryOf || role === 'user')
  const asked = answer?.question !== undefined && !(last?.role === 'user' && last.content === answer.question)
  // What was refused before it was stored is not there to be asked again.
  const unanswered = last && (last.role === 'user' || last.finishReason === 'failed') ? last : undefined
  return (
    <div className={css.scroll} ref={scroll}>
      <div className={css.thread}>
        {messages.length === 0 && !answer && <Greeting onIdea={onIdea} />}
        {shown.map((message) => (
          <Told
            key={message.id}
            message={message}
            last={message === last && !answer}
            onRetry={() => onRetry(message)}
            onReceipt={onReceipt}
          />
        ))}
        {asked && <div className={css.user}>{answer.question}</div>}
        {answer && <Live answer={answer} onDismiss={onAgain} onRetry={unanswered && (() => onRetry(unanswered))} />}
      </div>
      <Announcement messages={messages} answer={answer} />
    </div>
  )
}

/** Word by word would drown a screen reader: it hears that an answer begins, then the whole of it. */
function Announcement({ messages, answer }: { messages: Message[]; answer: Answer | undefined }) {
  const [spoken, setSpoken] = useState('')
  const was = useRef(answer)
  useEffect(() => {
    if (answer && !was.current) setSpoken('The answer is being written')
    const last = messages.at(-1)
    if (!answer && was.current && last?.role === 'assistant') setSpoken(last.content)
    was.current = answer
  }, [answer, messages])
  return (
    <VisuallyHidden aria-live="polite" role="status">
      {spoken}
    </VisuallyHidden>
  )
}

const nearEndPx = 120

/** Follows the answer down, unless the reader has scrolled up to read. */
const useFollow = (length: number, answer: Answer | undefined) => {
  const scroll = useRef<HTMLDivElement>(null)
  const following = useRef(true)
  useEffect(() => {
    const box = scroll.current
    if (!box) return
    const watch = () => {
      following.current = box.scrollHeight - box.scrollTop - box.clientHeight < nearEndPx
    }
    box.addEventListener('scroll', watch, { passive: true })
    return () => box.removeEventListener('scroll', watch)
  }, [])
  useEffect(() => {
    following.current = true
  }, [length])
  useEffect(() => {
    if (following.current) scroll.current?.scrollTo({ top: scroll.current.scrollHeight })
  }, [length, answer])
  return scroll
}
