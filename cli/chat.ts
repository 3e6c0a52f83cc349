import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { events, request } from '#client'
import { ask } from './ask.ts'
import { decimal, whole } from './numbers.ts'
import { dim, plain, print, type Output } from './output.ts'
import { client, options } from './session.ts'

type Message = { role: 'user' | 'assistant'; content: string }
type Answer = {
  text: string
  receipt: string
  usage: { prompt_tokens: number; completion_tokens: number } | undefined
  seconds: number
}
type Chunk = { choices?: { delta?: { content?: string } }[]; usage?: Answer['usage']; error?: { message: string } }

const answer = async (
  model: string,
  messages: Message[],
  onText: (text: string) => void,
  limits: { maxTokens?: number; temperature?: number },
): Promise<Answer> => {
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  const startedMs = performance.now()
  let text = ''
  let usage: Answer['usage']
  let receipt = ''
  try {
    const body = {
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      ...(limits.maxTokens !== undefined ? { max_tokens: limits.maxTokens } : {}),
      ...(limits.temperature === undefined ? {} : { temperature: limits.temperature }),
    }
    const reply = await request(options(), 'POST', '/v1/chat/completions', { body, signal: stop.signal })
    receipt = reply.headers.get('x-holdfast-receipt') ?? ''
    let ended = false
    for await (const data of events(reply)) {
      if (data === '[DONE]') {
        ended = true
        break
      }
      const chunk = JSON.parse(data) as Chunk // the site's own stream
      if (chunk.error) throw new Error(chunk.error.message)
      const piece = chunk.choices?.[0]?.delta?.content ?? ''
      text += piece
      if (piece !== '') onText(plain(piece))
      usage = chunk.usage ?? usage
    }
    // The site ends with its mark once the record is durable; without it nobody vouches for what was said so far.
    if (!ended)
      throw new Error(`The answer broke off before its end. Its receipt says how far it came: holdfast log prove ${receipt}`)
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    process.off('SIGINT', interrupt)
  }
  return { text, receipt, usage, seconds: (performance.now() - startedMs) / 1000 }
}

const saveReceipt = async (entry: string, path: string): Promise<void> =>
  writeFileSync(path, `${JSON.stringify(await client().receiptGet({ path: { entry } }), null, 2)}\n`)

type Flags = { model?: string; maxTokens?: number; temperature?: number; receipt?: string }

export const addChat = (program: Command, output: () => Output): void => {
  program
    .command('chat')
    .description('ask a deployment; without a question, talk')
    .argument('[question...]')
    .option('-m, --model <deployment>', 'which deployment (default: the first you may use)')
    .option('--max-tokens <n>', 'longest answer', whole(1, 1_000_000))
    .option('--temperature <t>', 'from 0 (the same again) to 2', decimal(0, 2))
    .option('--receipt <file>', 'save the receipt of the answer')
    .action(async (words: string[], flags: Flags) => {
      const model = flags.model ?? (await client().gatewayModels()).data[0]?.id
      if (model === undefined)
        throw new Error('There is no deployment you may use. Ask for the role of member, or deploy a model.')
      if (words.length > 0) return once(model, words.join(' '), flags, output())
      await talk(model, flags)
    })
}

const once = async (model: string, question: string, flags: Flags, { json }: Output): Promise<void> => {
  const done = await answer(model, [{ role: 'user', content: question }], (text) => json || process.stdout.write(text), flags)
  if (flags.receipt) await saveReceipt(done.receipt, flags.receipt)
  if (json) print(JSON.stringify({ model, answer: done.text, receipt: done.receipt, usage: done.usage }, null, 2))
  else process.stderr.write(`\n${summary(done)}\n`)
}

const summary = ({ receipt, usage, seconds }: Answer): string =>
  dim(`${usage ? `${usage.completion_tokens} tokens in ${seconds.toFixed(1)} s · ` : ''}receipt ${receipt}`)

const talk = async (model: string, flags: Flags): Promise<void> => {
  print(dim(`Talking to ${model}. Ctrl-C stops an answer, an empty line ends.`))
  const messages: Message[] = []
  for (;;) {
    const content = await ask('\n› ')
    if (content === '') return
    messages.push({ role: 'user', content })
    const done = await answer(model, messages, (text) => process.stdout.write(text), flags)
    print(`\n${summary(done)}`)
    messages.push({ role: 'assistant', content: done.text })
  }
}
