/** Opens in a tab of its own. Other protocols than these stay without a target. */
export function openOutside(link, url) {
  if (/^(https?|tg|ton):\/\//i.test(url)) {
    link.href = url;
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  return link;
}
