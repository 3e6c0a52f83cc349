-- Findings are written by the thousand in each slice of a sweep, and two look-ups for each were most of what that cost. Whoever removes a subject or a rule
-- removes its findings with it; one that is left over is joined to nothing, and is never read.
alter table compliance_finding
  drop constraint compliance_finding_subject_id_fkey,
  drop constraint compliance_finding_rule_id_fkey;
