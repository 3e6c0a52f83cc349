// Models for tests: the default weights under another chat template, and small ones that are whole in form and know nothing.
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

const u32 = (value: number) => Buffer.from(new Uint32Array([value]).buffer)
const u64 = (value: number) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer)
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])
const textEntry = (name: string, value: string) => Buffer.concat([text(name), u32(stringType), text(value)])
const numberEntry = (name: string, value: number) => Buffer.concat([text(name), u32(4), u32(value)])

/** A file with a passport and no sense: one tensor of so many numbers, all zero. No engine can run it. */
export const smallModel = (numbers = 1024): Buffer => {
  const entries = [
    textEntry('general.architecture', 'llama'),
    textEntry('general.name', 'Small'),
    numberEntry('llama.context_length', 2048),
    numberEntry('llama.block_count', 1),
  ]
  const tensor = Buffer.concat([text('t'), u32(1), u64(numbers), u32(0), u64(0)])
  const head = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(1), u64(entries.length), ...entries, tensor])
  const start = Math.ceil(head.length / alignment) * alignment
  return Buffer.concat([head, Buffer.alloc(start - head.length + numbers * 4)])
}
