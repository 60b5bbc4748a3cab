const KNOWN = ['ru', 'en'];

/** What the browser prefers of what we speak. */
export function browserLanguage() {
  const wanted = navigator.languages.map((language) => language.slice(0, 2).toLowerCase());
  return wanted.find((language) => KNOWN.includes(language)) ?? 'en';
}

/** Puts the words into every element that names one with data-words. */
export function speak(language, words) {
  document.documentElement.lang = language;
  document.title = words.title;
  for (const part of document.querySelectorAll('[data-words]')) part.textContent = words[part.dataset.words];
}
