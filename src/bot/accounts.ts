import type { Account } from '../db/accounts.ts';
import type { Locale } from '../domain/events.ts';

/** Whether things shown to this account must say which company they are of. */
export function hasSeveralCompanies(accounts: readonly Account[]): boolean {
  return new Set(accounts.map(({ company_id }) => company_id)).size > 1;
}

/** One user of each company, for what concerns the company as a whole. */
export function oneOfEachCompany(accounts: readonly Account[]): Account[] {
  return [...new Map(accounts.map((account) => [account.company_id, account])).values()];
}

/** Of the hundred buttons that a message may have; nobody chooses among more. */
export const MOST_CHOICES = 50;

/** The language for what is not about one company: the oldest user's; a stranger's by their Telegram, Russian by default. */
export function localeOf(accounts: readonly Account[], languageCode: string | undefined): Locale {
  return accounts[0]?.locale ?? (languageCode?.startsWith('en') ? 'en' : 'ru');
}
