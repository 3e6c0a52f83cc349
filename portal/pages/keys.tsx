import { Button, Modal, MultiSelect, Select, Stack, Tabs, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { post } from '../api/client.ts'
import { callable, keys, roles as rolesQuery } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { KeyMade } from '../api/types.ts'
import { Snippet } from '../ui/snippet.tsx'
import { Secret } from '../ui/copy.tsx'
import { Page, Panel } from '../ui/page.tsx'
import { Notice } from '../ui/state.tsx'
import { Fault } from './failure.tsx'
import { KeyTable } from './key-table.tsx'
import { ScopePicker } from './scope-picker.tsx'

export function KeysPage() {
  const { data } = useSuspenseQuery(keys())
  const [making, setMaking] = useDisclosure(false)
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={setMaking.open}>
      Create key
    </Button>
  )
  return (
    <Page
      title="API keys"
      lead="For programs that act in your name. A key never allows more than you may do yourself."
      actions={add}
    >
      <Panel title="Your keys" flush>
        <KeyTable keys={data.items} action={add} />
      </Panel>
      <Panel title="Use it" note="any OpenAI client works unchanged">
        <Snippets secret="hf_…" />
      </Panel>
      <Modal opened={making} onClose={setMaking.close} title="Create a key" size={560} closeOnClickOutside={false}>
        {making && <Make />}
      </Modal>
    </Page>
  )
}

const dayMs = 86_400_000
const lifetimes = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
]

function Make() {
  const [name, setName] = useState('')
  const [days, setDays] = useState('90')
  const [scope, setScope] = useState('/')
  const [actions, setActions] = useState<string[]>(['deployment.invoke', 'deployment.read'])
  const may = useMayPerhaps()
  const { data: roles } = useQuery(rolesQuery)
  const choices = [...new Set(['deployment.invoke', 'deployment.read', ...(roles?.actions ?? [])])].filter(may).sort()
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: () =>
      post<KeyMade>('/keys', {
        name: name.trim(),
        expiresAt: new Date(Date.now() + Number(days) * dayMs).toISOString(),
        ...(scope === '/' ? {} : { scope }),
        ...(actions.length > 0 ? { actions } : {}),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  if (make.data)
    return (
      <Stack gap="md">
        <Notice tone="warn">Copy the key now. It is stored as a hash only and cannot be shown again.</Notice>
        <Secret value={make.data.secret} label="Key" />
        <Snippets secret={make.data.secret} />
      </Stack>
    )
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          placeholder="What will use it"
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={100}
          required
          data-autofocus
        />
        <Select
          label="Valid for"
          data={lifetimes}
          value={days}
          onChange={(next) => next && setDays(next)}
          allowDeselect={false}
        />
        <MultiSelect
          label="May do"
          description="Empty: all that you may do."
          data={choices}
          value={actions}
          onChange={setActions}
          searchable
          clearable
          hidePickedOptions
        />
        <ScopePicker label="Where" value={scope} onChange={setScope} />
        <Fault error={make.error} />
        <Button type="submit" loading={make.isPending} style={{ alignSelf: 'flex-end' }}>
          Create key
        </Button>
      </Stack>
    </form>
  )
}

function Snippets({ secret }: { secret: string }) {
  const { data } = useQuery(callable)
  const model = data?.data[0]?.id ?? 'MODEL'
  const base = `${location.origin}/v1`
  const code = {
    Python: `from openai import OpenAI\n\nclient = OpenAI(base_url="${base}", api_key="${secret}")\nreply = client.chat.completions.create(\n    model="${model}",\n    messages=[{"role": "user", "content": "Hello"}],\n)\nprint(reply.choices[0].message.content)`,
    JavaScript: `import OpenAI from 'openai'\n\nconst client = new OpenAI({ baseURL: '${base}', apiKey: '${secret}' })\nconst reply = await client.chat.completions.create({\n  model: '${model}',\n  messages: [{ role: 'user', content: 'Hello' }],\n})\nconsole.log(reply.choices[0].message.content)`,
    curl: `curl ${base}/chat/completions \\\n  -H "Authorization: Bearer ${secret}" \\\n  -H "Content-Type: application/json" \\\n  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`,
  }
  return (
    <Tabs defaultValue="Python" keepMounted={false}>
      <Tabs.List>
        {Object.keys(code).map((language) => (
          <Tabs.Tab key={language} value={language}>
            {language}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {Object.entries(code).map(([language, text]) => (
        <Tabs.Panel key={language} value={language} pt="sm">
          <Snippet label={`${language} example`} code={text} />
        </Tabs.Panel>
      ))}
      <Text size="sm" c="dimmed" mt="xs">
        This site's own certificate must be trusted by the program when the address is https.
      </Text>
    </Tabs>
  )
}
