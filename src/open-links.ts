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
  clock(): Date;
}): Promise<{ linkSigner: LinkSigner; links: Links }> {
  const { config, port, clock } = deps;
  const linkSigner = createLinkSigner({ secret: await loadLinkSecret(config.dataDir) });
  const publicUrl = publicUrlOf(config, port);
  // The bot tells its name when it listens to its users.
  return { linkSigner, links: createLinks({ signer: linkSigner, publicUrl, botUsername: () => null, clock }) };
}
