-- What lies in the blob store, and who brought it.
create table artifact (
  digest text primary key check (digest ~ '^sha256:[0-9a-f]{64}$'),
  size_bytes bigint not null,
  created_by text not null,
  created_at timestamptz not null
);
