// What must hold here: what is at work and where, what could be, and what was written here.
import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Page } from '../ui/page.tsx'
import { GuardrailsAtWork } from './guardrails-at-work.tsx'
import { GuardrailLibrary } from './guardrail-library.tsx'

const tabs = ['at-work', 'library', 'initiatives'] as const

export function GuardrailsPage() {
  const { tab } = useSearch({ strict: false })
  const navigate = useNavigate()
  const shown = tabs.find((each) => each === tab) ?? 'at-work'
  return (
    <Page
      title="Guardrails"
      lead="What must hold of everything that exists here, whoever makes it: refused, corrected or reported where it does not."
    >
      <Tabs
        value={shown}
        onChange={(next) =>
          navigate({ to: '/guardrails', search: { tab: next === 'at-work' ? undefined : (next ?? undefined) }, replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="at-work">At work</Tabs.Tab>
          <Tabs.Tab value="library">Library</Tabs.Tab>
          <Tabs.Tab value="initiatives">Initiatives</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="at-work">
          <GuardrailsAtWork />
        </Tabs.Panel>
        <Tabs.Panel value="library">
          <GuardrailLibrary />
        </Tabs.Panel>
        <Tabs.Panel value="initiatives">
          <GuardrailLibrary initiatives />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
