import type { Browser } from 'playwright-core';

/** What a picture of a page looks like, measured over every fourth pixel each way. */
export interface Look {
  width: number;
  height: number;
  /** 0 (black) to 1 (white). */
  brightness: number;
  /** Different ones, after rounding. */
  colours: number;
  /** The part of the picture that the commonest colour takes, 0 to 1. */
  emptiest: number;
}

/** Runs in a browser, which can read a PNG without a library. */
const MEASURE = `async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  const counts = new Map();
  let light = 0;
  let pixels = 0;
  for (let y = 0; y < height; y += 4)
    for (let x = 0; x < width; x += 4) {
      const at = 4 * (y * width + x);
      const [red, green, blue] = data.subarray(at, at + 3);
      const colour = [red, green, blue].map((part) => part >> 3).join();
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
      light += (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
      pixels += 1;
    }
  return { width, height, brightness: light / pixels, colours: counts.size, emptiest: Math.max(...counts.values()) / pixels };
}`;

export async function measure(browser: Browser, png: Buffer): Promise<Look> {
  const page = await browser.newPage();
  try {
    return await page.evaluate(`(${MEASURE})('data:image/png;base64,${png.toString('base64')}')`);
  } finally {
    await page.close();
  }
}
