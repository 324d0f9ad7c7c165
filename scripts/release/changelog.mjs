// CHANGELOG.md: what stands under "Unreleased" becomes the section of a version.
const HEADING = "## Unreleased\n";

/** The changelog with a section for the version. Throws if there is nothing to release, or such a section already. */
export function released(changelog, version, date) {
  if (changelog.includes(`\n## ${version} `)) throw new Error(`CHANGELOG.md has a section for ${version} already`);
  const at = changelog.indexOf(`\n${HEADING}`) + 1;
  if (at === 0) throw new Error('CHANGELOG.md has no section "## Unreleased"');
  const body = at + HEADING.length;
  const end = changelog.indexOf("\n## ", body);
  const entries = changelog.slice(body, end < 0 ? undefined : end);
  if (!/^- /m.test(entries))
    throw new Error('CHANGELOG.md has no entry under "## Unreleased": say what changed for users');
  return `${changelog.slice(0, body)}\n## ${version} (${date})\n${changelog.slice(body)}`;
}
