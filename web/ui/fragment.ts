// The invite stands after the # of the address. It leaves the address bar, and with it the place
// where a look over the shoulder finds it, before anything else happens: import this first.
// (A browser may have noted it in its history by then; the scanner in the app avoids that.)

// The whole address with the invite, or null.
export function takeInvite(): string | null {
  if (location.hash.length <= 1) return null;
  const { href } = location;
  history.replaceState(null, '', location.pathname + location.search);
  return href;
}

export const openedWith = takeInvite();
