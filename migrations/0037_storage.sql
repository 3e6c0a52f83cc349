-- Quotas and holds: how much may be stored at a place, and what must not go.
create table artifact_quota (
  id text primary key references resource (id) on delete cascade,
  bytes_max bigint not null,
  objects_max bigint
);

alter table artifact_usage add column objects bigint not null default 0;
update artifact_usage set objects = (
  select count(*) from artifact_link join artifact_package on id = package_id where repository_id = artifact_usage.repository_id);

-- What is null is not asked: a hold without a repository holds its digest wherever it lies at or below the hold.
create table artifact_hold (
  id text primary key references resource (id) on delete cascade,
  repository_id text references resource (id),
  package text,
  tag text,
  digest text,
  check (repository_id is not null or digest is not null),
  check (repository_id is not null or (package is null and tag is null))
);
