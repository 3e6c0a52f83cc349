// The same weights under another chat template: what a test needs to try templates without another model.
import { readFileSync, writeFileSync } from 'node:fs'

const key = 'tokenizer.chat_template'
const alignment = 32
const scalarBytes: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 }
const stringType = 8
const arrayType = 9

/** Copies a GGUF file, its chat template replaced. Understands exactly as much of the format as that takes. */
export const withTemplate = (source: string, target: string, template: string): void => {
  const file = readFileSync(source)
  let at = 8
  const u32 = () => file.readUInt32LE((at += 4) - 4)
  const u64 = () => Number(file.readBigUInt64LE((at += 8) - 8))
  const text = () => {
    const length = u64()
    return file.toString('utf8', at, (at += length))
  }
  const skip = (type: number): void => {
    if (type === stringType) text()
    else if (type === arrayType) {
      const inner = u32()
      for (let items = u64(); items > 0; items--) skip(inner)
    } else at += scalarBytes[type]!
  }
  const tensors = u64()
  let found: { from: number; to: number } | undefined
  for (let entries = u64(); entries > 0; entries--) {
    const name = text()
    const type = u32()
    const from = at
    skip(type)
    if (name === key) found = { from, to: at }
  }
  for (let i = 0; i < tensors; i++) {
    text()
    const dimensions = u32()
    at += dimensions * 8 + 4 + 8
  }
  if (!found) throw new Error(`${source} has no chat template`)
  const aligned = (offset: number) => Math.ceil(offset / alignment) * alignment
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(template)))
  const head = Buffer.concat([file.subarray(0, found.from), length, Buffer.from(template), file.subarray(found.to, at)])
  writeFileSync(target, Buffer.concat([head, Buffer.alloc(aligned(head.length) - head.length), file.subarray(aligned(at))]))
}

/** In the manner of Hermes and Qwen: tools are told as JSON lines, calls come back between <tool_call> marks. */
export const hermesTemplate = `{%- if tools %}<|im_start|>system
You may call these functions:
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
For a call answer <tool_call>{"name": ..., "arguments": ...}</tool_call><|im_end|>
{% endif %}
{%- for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}
{%- for call in message.tool_calls or [] %}
<tool_call>{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments if call.function.arguments is string else call.function.arguments | tojson }}}</tool_call>
{%- endfor %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}`
