import { ActionIcon, Button, Group, Loader, Tooltip } from '@mantine/core'
import { IconReceipt, IconRefresh } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import type { Answer } from '../api/answer.ts'
import type { Message } from '../api/types.ts'
import { Copy } from '../ui/copy.tsx'
import { counted, decimal } from '../ui/format.ts'
import { Mark } from '../ui/mark.tsx'
import { Time } from '../ui/time.tsx'
import { Fault } from './failure.tsx'
import css from './chat.module.css'

const Markdown = lazy(() => import('../ui/markdown.tsx'))
const Text = ({ children }: { children: string }) => (
  <Suspense fallback={<div style={{ whiteSpace: 'pre-wrap' }}>{children}</div>}>
    <Markdown>{children}</Markdown>
  </Suspense>
)

type ToldProps = { message: Message; last: boolean; onRetry: () => void; onReceipt: (entry: string) => void }

const endings: Record<string, string> = {
  length: 'cut at the length limit',
  aborted: 'stopped',
  cancelled: 'stopped',
  failed: 'failed',
  error: 'failed',
}

/** A message that is stored. */
export function Told({ message, last, onRetry, onReceipt }: ToldProps) {
  if (message.role === 'user')
    return (
      <>
        <div className={css.user}>{message.content}</div>
        {last && <Unanswered onRetry={onRetry} />}
      </>
    )
  const ending = endings[message.finishReason ?? '']
  const { receipt, completionTokens, durationMs } = message
  return (
    <article className={css.assistant} aria-label="Answer">
      {message.content === '' ? (
        <span style={{ color: 'var(--hf-muted)' }}>No answer was written.</span>
      ) : (
        <Text>{message.content}</Text>
      )}
      <div className={css.meta}>
        <div className={css.acts}>
          <Copy value={message.content} label="Copy answer" />
          {last && (
            <Tooltip label="Ask again">
              <ActionIcon size={26} onClick={onRetry} aria-label="Ask again">
                <IconRefresh size={15} />
              </ActionIcon>
            </Tooltip>
          )}
          {receipt && (
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              leftSection={<IconReceipt size={15} />}
              onClick={() => onReceipt(receipt)}
            >
              Receipt
            </Button>
          )}
        </div>
        {message.model && <span>{message.model}</span>}
        {completionTokens !== undefined && <span>{counted(completionTokens, 'token')}</span>}
        {completionTokens !== undefined && durationMs !== undefined && durationMs > 0 && (
          <span>{decimal((completionTokens * 1000) / durationMs)} tokens/s</span>
        )}
        {ending && <span>{ending}</span>}
        <span>
          <Time at={message.createdAt} />
        </span>
      </div>
    </article>
  )
}

/** A question that was kept and that nobody answered: the engine was not there, or the page was closed too soon. */
function Unanswered({ onRetry }: { onRetry: () => void }) {
  return (
    <div>
      <Button variant="default" size="compact-sm" leftSection={<IconRefresh size={15} />} onClick={onRetry}>
        Ask again
      </Button>
    </div>
  )
}

/** The answer that is being written. */
export function Live({
  answer,
  onDismiss,
  onRetry,
}: {
  answer: Answer
  onDismiss: () => void
  onRetry: (() => void) | undefined
}) {
  return (
    <article className={css.assistant} aria-label="Answer" aria-busy={answer.state !== 'failed'}>
      {answer.text !== '' && (
        <div className={answer.state === 'writing' ? css.caret : undefined}>
          <Text>{answer.text}</Text>
        </div>
      )}
      {answer.state === 'failed' ? (
        <>
          <Fault error={answer.error} />
          <Group mt="xs" gap="xs">
            {onRetry && (
              <Button variant="default" size="compact-sm" leftSection={<IconRefresh size={15} />} onClick={onRetry}>
                Ask again
              </Button>
            )}
            <Button variant="subtle" color="gray" size="compact-sm" onClick={onDismiss}>
              Dismiss
            </Button>
          </Group>
        </>
      ) : (
        <div className={css.meta}>
          {answer.state === 'waiting' && <Loader size={14} type="dots" aria-hidden />}
          <span>{progress(answer)}</span>
        </div>
      )}
    </article>
  )
}

const progress = ({ state, tokens, firstTokenMs }: Answer): string => {
  if (state === 'waiting') return 'Reading your question'
  if (state === 'recording') return 'Being recorded'
  const elapsedMs = performance.now() - (firstTokenMs ?? performance.now())
  const rate = elapsedMs > 500 ? ` · ${decimal(((tokens - 1) * 1000) / elapsedMs)} tokens/s` : ''
  return `${counted(tokens, 'token')}${rate}`
}

const ideas = [
  'Explain what a hash is to a ten-year-old',
  'Draft a short note that a meeting is moved to Friday',
  'Write a function that reverses a string in Python',
]

export function Greeting({ onIdea }: { onIdea: ((text: string) => Promise<boolean>) | undefined }) {
  return (
    <div className={css.greeting}>
      <div style={{ display: 'inline-flex' }}>
        <Mark size={44} />
      </div>
      <h2>What would you like to know?</h2>
      <p>Questions and answers stay in this building. Each answer has a receipt you can check yourself.</p>
      {onIdea && (
        <div className={css.ideas}>
          {ideas.map((idea) => (
            <button
              key={idea}
              type="button"
              className={`${css.idea} mantine-UnstyledButton-root`}
              style={{ background: 'none', cursor: 'pointer', font: 'inherit' }}
              onClick={() => void onIdea(idea)}
            >
              {idea}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
