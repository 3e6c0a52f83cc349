// The frame around every page behind sign-in: menu, switcher, who one is.
import { Avatar, Burger, Drawer, Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core'
import { useDisclosure, useHotkeys, useNetwork } from '@mantine/hooks'
import { IconDeviceDesktop, IconLogout, IconMoon, IconSearch, IconSelector, IconSun, IconUser } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { remove } from '../api/client.ts'
import { useSession } from '../api/session.ts'
import { Mark } from '../ui/mark.tsx'
import { menuFor, placesFor } from './places.ts'
import css from './shell.module.css'
import { Switcher } from './switcher.tsx'

export function Shell() {
  const who = useSession()
  const [menu, setMenu] = useDisclosure(false)
  const [switcher, setSwitcher] = useDisclosure(false)
  const { online } = useNetwork()
  useHotkeys([
    ['mod+K', setSwitcher.toggle],
    ['/', setSwitcher.open],
  ])
  const main = useFocusOnArrival()
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <div className={css.shell}>
        <aside className={css.side} data-bar>
          <Side onJump={setSwitcher.open} />
        </aside>
        <header className={css.top}>
          <Burger opened={menu} onClick={setMenu.toggle} size="sm" aria-label="Menu" />
          <Brand />
        </header>
        <Drawer
          opened={menu}
          onClose={setMenu.close}
          size={270}
          withCloseButton={false}
          padding={0}
          aria-label="Menu"
          styles={{ body: { height: '100%' } }}
        >
          <div
            className={css.side}
            onClick={(event) => event.target instanceof Element && event.target.closest('a') && setMenu.close()}
          >
            <Side onJump={setSwitcher.open} />
          </div>
        </Drawer>
        <main id="main" ref={main} className={css.main} tabIndex={-1}>
          {!online && (
            <div className={css.offline} role="status">
              This device has no network. What you see may be old.
            </div>
          )}
          <Outlet />
        </main>
      </div>
      <Switcher places={placesFor(who)} opened={switcher} onClose={setSwitcher.close} />
    </>
  )
}

/** A page change without a page load is silent; moving the focus to the page says where one has arrived. */
function useFocusOnArrival() {
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const first = useRef(true)
  useEffect(() => {
    if (path === undefined) return
    if (first.current) first.current = false
    else if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true })
  }, [path])
  return main
}

function Brand() {
  const { organisation, site } = useSession()
  return (
    <Link to="/" className={css.brand}>
      <Mark />
      <span className={css.brandText}>
        <span className={css.brandName}>{organisation.name}</span>
        <span className={css.brandSite}>{site.name}</span>
      </span>
    </Link>
  )
}

function Side({ onJump }: { onJump: () => void }) {
  const who = useSession()
  return (
    <>
      <Brand />
      <UnstyledButton className={css.jump} onClick={onJump} aria-keyshortcuts="Control+K">
        <IconSearch size={15} aria-hidden /> Go to
        <kbd aria-hidden>Ctrl K</kbd>
      </UnstyledButton>
      <nav className={css.nav} aria-label="Main">
        {menuFor(who).map(({ title, places }, at) => (
          <div key={title ?? at} role="group" aria-label={title}>
            {title && <div className={css.group}>{title}</div>}
            <ul>
              {places.map(({ to, name, icon: Icon }) => (
                <li key={to}>
                  <Link to={to} className={css.link} activeOptions={{ exact: to === '/' }}>
                    <Icon size={17} stroke={1.7} aria-hidden />
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <Me />
    </>
  )
}

const schemes = [
  { value: 'light', name: 'Light', icon: IconSun },
  { value: 'dark', name: 'Dark', icon: IconMoon },
  { value: 'auto', name: 'As the system', icon: IconDeviceDesktop },
] as const

function Me() {
  const { user } = useSession()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const signOut = useMutation({
    mutationFn: () => remove('/session'),
    onSettled: async () => {
      queries.clear()
      await navigate({ to: '/sign-in' })
    },
  })
  return (
    <Menu position="top-start" width={212}>
      <Menu.Target>
        <UnstyledButton className={css.me}>
          <Avatar size={28} radius={7} name={user.displayName} color="sea" />
          <span className={css.brandText} style={{ flex: 1 }}>
            <span className={css.brandName}>{user.displayName}</span>
            <span className={css.brandSite}>{user.username}</span>
          </span>
          <IconSelector size={15} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconUser size={15} />} onClick={() => navigate({ to: '/account' })}>
          Account
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Theme</Menu.Label>
        {schemes.map(({ value, name, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={15} />}
            role="menuitemradio"
            aria-checked={colorScheme === value}
            onClick={() => setColorScheme(value)}
            {...(colorScheme === value ? { fw: 600, color: 'sea' } : {})}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
