-- Who may come in, and by what. Secrets are here as hashes only (passwords: Argon2id; tokens, keys and codes: SHA-256 or HMAC), TOTP seeds sealed by the site's key.
create table identity_organisation (
  one int primary key default 1 check (one = 1), -- one site, one organisation: the index settles two set-ups at once
  id text not null unique,
  name text not null,
  created_at timestamptz not null
);

create table identity_user (
  id text primary key,
  username text not null,
  username_key text not null unique, -- NFKC, lower case: two spellings of one name are one name
  display_name text not null,
  email text,
  state text not null check (state in ('invited', 'active', 'disabled')),
  password_hash text,
  password_changed_at timestamptz,
  totp_sealed bytea,
  totp_confirmed_at timestamptz,
  totp_last_step bigint, -- RFC 6238 §5.2: a code is accepted once
  created_at timestamptz not null
);

create table identity_passkey (
  id text primary key,
  user_id text not null references identity_user (id) on delete cascade,
  credential_id text not null unique,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  synced boolean not null,
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index on identity_passkey (user_id);

create table identity_recovery_code (
  user_id text not null references identity_user (id) on delete cascade,
  code_hash bytea not null,
  used_at timestamptz,
  primary key (user_id, code_hash)
);

-- One-time links: first owner, invitation, recovery.
create table identity_link (
  id text primary key,
  token_hash bytea not null unique,
  purpose text not null check (purpose in ('setup', 'invitation', 'recovery')),
  user_id text references identity_user (id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index on identity_link (user_id);

-- No foreign key: at set-up the person is named before they exist.
create table identity_challenge (
  challenge text primary key,
  purpose text not null check (purpose in ('register', 'sign-in')),
  user_id text,
  rp_id text not null,
  expires_at timestamptz not null
);
create index on identity_challenge (expires_at);

create table identity_session (
  id text primary key,
  token_hash bytea not null unique,
  user_id text not null references identity_user (id) on delete cascade,
  factors text[] not null,
  user_agent text not null,
  address text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null
);
create index on identity_session (user_id);
create index on identity_session (expires_at);

create table identity_key (
  id text primary key,
  secret_hash bytea not null unique,
  user_id text not null references identity_user (id) on delete cascade,
  name text not null,
  hint text not null, -- the first characters, so that a person can tell which key a file holds
  scope_id text,
  actions text[],
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index on identity_key (user_id);

create table identity_group (
  id text primary key,
  name text not null,
  name_key text not null unique,
  description text not null,
  created_at timestamptz not null
);

-- Failed attempts by HMAC of user name or address: unknown names are counted as known ones are, and no name is stored that nobody has.
create table identity_attempt (
  subject bytea primary key,
  failures int not null,
  last_at timestamptz not null,
  paused_until timestamptz,
  unrecorded int not null,
  recorded_at timestamptz
);
create index on identity_attempt (last_at);
