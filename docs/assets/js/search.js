// What to look for when somebody pastes an error message into the search.
//
// With it come names, paths and addresses of their own, and signs that mean
// something to Material's search: a minus, a plus, a colon. So look for the
// words: as they are first, and as beginnings of other words second.

export function wordsOf(text) {
  const [before, ...tracebacks] = text.split("Traceback (most recent call last):");
  const last = /.*\s([\w.]+(?:Error|Exception|Group): .*)/.exec(tracebacks.at(-1));
  const message = `${before} ${last?.[1] ?? ""}`;
  if (!/[<>:"'()[\]/]/.test(message)) return text; // typed, not pasted
  let bare = message; // without what a repr shows, as in <Future pending>
  while (/<[^<>]*>/.test(bare)) bare = bare.replace(/<[^<>]*>/g, " ");
  let found = words(bare);
  if (found.length < 3) found = words(message);
  return found.map((word) => `${word}^4 ${word}`).join(" ") || text;
}

function words(text) {
  const mine = text.replace(/\S*[/\\]\S+|\bobject at 0x\w+/g, " ");
  return mine.match(/[a-z_][\w.]*\w|[a-z]/gi) ?? [];
}
