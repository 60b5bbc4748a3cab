import type { Config } from './config.ts';
import { loadLinkSecret } from './links/link-secret.ts';
import { createLinkSigner, type LinkSigner } from './links/link-signer.ts';
import { createLinks, type Links } from './links/links.ts';
import { publicUrlOf } from './links/public-url.ts';

/**
 * Links as the configuration has them.
 * @param port that the API listens on
 * @throws {LinkSecretError} the stored secret is damaged.
 */
export async function openLinks(deps: {
  config: Config;
  port: number;
  /** Null until Telegram has told it. */
  botUsername: () => string | null;
  clock(): Date;
}): Promise<{ linkSigner: LinkSigner; links: Links }> {
  const { config, port, botUsername, clock } = deps;
  const linkSigner = createLinkSigner({ secret: await loadLinkSecret(config.dataDir, config.LINK_SECRET) });
  const publicUrl = publicUrlOf(config, port);
  return { linkSigner, links: createLinks({ signer: linkSigner, publicUrl, botUsername, clock }) };
}
