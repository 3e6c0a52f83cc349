-- The transparency log. Entries wait in audit_pending, written in the transaction of the change they record, until the sequencer gives them their place.
create table audit_pending (
  seq bigint generated always as identity primary key,
  id text not null unique,
  leaf bytea not null,
  created_at timestamptz not null default now()
);

create table log_entry (
  idx bigint primary key,
  id text not null unique,
  leaf bytea not null
);

-- Hashes of complete subtrees (RFC 6962): level 0 are leaves; node (level, idx) covers leaves idx·2^level … (idx+1)·2^level − 1.
create table log_hash (
  level int not null,
  idx bigint not null,
  hash bytea not null check (length(hash) = 32),
  primary key (level, idx)
);

create table log_checkpoint (
  tree_size bigint primary key,
  root bytea not null,
  note text not null,
  created_at timestamptz not null
);

-- What is in the log stays as it is. (Whoever owns the database can drop these; the Merkle tree and the mark outside it are what such a person cannot get around.)
create function refuse_log_change() returns trigger language plpgsql as $$
begin
  raise exception 'the log is append-only: % on % is refused', tg_op, tg_table_name;
end $$;

create trigger log_entry_append_only before update or delete on log_entry for each row execute function refuse_log_change();
create trigger log_hash_append_only before update or delete on log_hash for each row execute function refuse_log_change();
create trigger log_checkpoint_append_only before update or delete on log_checkpoint for each row execute function refuse_log_change();
create trigger log_entry_no_truncate before truncate on log_entry execute function refuse_log_change();
create trigger log_hash_no_truncate before truncate on log_hash execute function refuse_log_change();
create trigger log_checkpoint_no_truncate before truncate on log_checkpoint execute function refuse_log_change();

-- For search; rebuilt from log_entry at any time.
create table audit_entry (
  idx bigint primary key,
  id text not null unique,
  at timestamptz not null,
  actor text not null,
  action text not null,
  outcome text not null,
  kind text not null,
  resource_id text,
  scope text,
  request_id text not null,
  facts jsonb
);
create index on audit_entry (actor, idx);
create index on audit_entry (action, idx);
create index on audit_entry (kind, resource_id, idx);
create index on audit_entry (at);

-- Personal content: sealed under a key of its subject; destroying the key erases it and leaves the tree whole.
create table audit_subject_key (
  subject text primary key,
  sealed_key bytea,
  destroyed_at timestamptz
);

create table audit_sealed (
  entry_id text primary key,
  subject text not null references audit_subject_key (subject),
  salt bytea not null,
  ciphertext bytea not null
);
