-- What a person vouched for can be taken back; that it was said, and by whom it was taken back and why, stays.
alter table compliance_attestation
  add column withdrawn_at timestamptz,
  add column withdrawn_by text,
  add column withdrawn_because text,
  add check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_because is null));
create index on compliance_attestation (subject_id) where subject_id is not null;
create index on compliance_attestation (scope_id) where scope_id is not null;
