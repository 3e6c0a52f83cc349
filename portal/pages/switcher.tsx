import { Modal } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState, type KeyboardEvent } from 'react'
import type { placesFor } from './places.ts'
import css from './switcher.module.css'

type Place = ReturnType<typeof placesFor>[number]
type SwitcherProps = { places: Place[]; opened: boolean; onClose: () => void }

/** Behind Ctrl-K: type a few letters of where to go. */
export function Switcher(props: SwitcherProps) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      withCloseButton={false}
      padding={0}
      size={480}
      yOffset="14vh"
      centered={false}
      aria-label="Go to a page"
    >
      {props.opened && <Choice {...props} />}
    </Modal>
  )
}

function Choice({ places, onClose }: SwitcherProps) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const navigate = useNavigate()
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = places.filter(({ name, words: more = '' }) =>
    words.every((word) => `${name} ${more}`.toLowerCase().includes(word)),
  )
  const chosen = found[Math.min(at, found.length - 1)]
  const go = (place: Place | undefined) => {
    if (!place) return
    onClose()
    void navigate({ to: place.to })
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') go(chosen)
    else if (event.key === 'ArrowDown') setAt((at + 1) % Math.max(1, found.length))
    else if (event.key === 'ArrowUp') setAt((at - 1 + found.length) % Math.max(1, found.length))
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        className={css.input}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKey}
        placeholder="Go to"
        aria-label="Go to a page"
        role="combobox"
        aria-expanded
        aria-controls="places"
        aria-activedescendant={chosen && `place${chosen.to}`}
        data-autofocus
      />
      {found.length === 0 && <div className={css.none}>No page by that name</div>}
      <ul className={css.list} role="listbox" id="places" aria-label="Pages">
        {found.map((place, index) => (
          <li
            key={place.to}
            id={`place${place.to}`}
            role="option"
            aria-selected={place === chosen}
            className={css.item}
            onMouseMove={() => setAt(index)}
            onClick={() => go(place)}
          >
            <place.icon size={17} stroke={1.7} aria-hidden />
            {place.name}
          </li>
        ))}
      </ul>
    </>
  )
}
