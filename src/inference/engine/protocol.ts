// What is said between the control plane and an engine's child process. Both ends are ours; the child is still believed only as far as these types.
export type Message = { role: string; content: string; name?: string; tool_call_id?: string; tool_calls?: unknown[] }
export type Tool = { type: 'function'; function: { name: string; description?: string; parameters?: Record<string, unknown> } }

export type GenerateRequest = {
  messages: Message[]
  tools?: Tool[]
  /** Absent: the model decides. A list: it must call one of these (one name: that one). */
  mustCall?: string[]
  maxTokens?: number
  maxTokensDefault: number
  temperature?: number
  topP?: number
  seed?: number
  frequencyPenalty?: number
  presencePenalty?: number
  stop: string[]
  /** Answer in this form: any JSON object, or what a JSON schema allows. */
  json?: 'object' | Record<string, unknown>
  /** Whose call it is: cached prompt state is reused for the same principal only, or timing would tell one what another asked. */
  tenant: string
}

export type ToParent =
  | { type: 'ready'; contextTokens: number; tools: boolean }
  | { type: 'failed'; message: string }
  | { type: 'pong' }
  | { type: 'started'; id: number; promptTokens: number }
  | {
      type: 'refused'
      id: number
      code: 'context-overflow' | 'bad-template' | 'bad-schema'
      message: string
      facts: Record<string, number>
    }
  | { type: 'text'; id: number; text: string }
  | {
      type: 'done'
      id: number
      finishReason: FinishReason
      promptTokens: number
      completionTokens: number
      toolCalls?: ToolCall[]
    }
  | { type: 'crashed'; id: number; message: string }

export type ToChild =
  | { type: 'load'; path: string; contextTokens: number; parallel: number; threads: number }
  | { type: 'generate'; id: number; request: GenerateRequest }
  | { type: 'abort'; id: number }
  | { type: 'ping' }

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'aborted'
export type ToolCall = { name: string; arguments: string }
