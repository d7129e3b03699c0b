// A browser's picture with a palette in place of full colour: pages have few colours, and a third of the bytes do.

import { deflateSync, inflateSync } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The chunks of a PNG by name; those of the same name joined. PNG specification, section 5. */
function chunksOf(png: Buffer): Map<string, Buffer> {
  const out = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const name = png.toString("latin1", at + 4, at + 8);
    out.set(name, Buffer.concat([out.get(name) ?? Buffer.alloc(0), png.subarray(at + 8, at + 8 + length)]));
    at += length + 12;
  }
  return out;
}

export interface Size {
  width: number;
  height: number;
}

export function sizeOf(png: Buffer): Size {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

/** What filters of PNG have made of its lines (section 9), taken back: bytes of the lines alone. */
function unfiltered(lines: Buffer, { width, height }: Size, depth: number): Buffer {
  const stride = width * depth;
  const out = Buffer.alloc(stride * height);
  for (let row = 0; row < height; ++row) {
    const filter = lines[row * (stride + 1)]!;
    for (let at = 0; at < stride; ++at) {
      const to = row * stride + at;
      const left = at >= depth ? out[to - depth]! : 0;
      const up = row > 0 ? out[to - stride]! : 0;
      const corner = row > 0 && at >= depth ? out[to - stride - depth]! : 0;
      const near = left + up - corner;
      const [a, b, c] = [Math.abs(near - left), Math.abs(near - up), Math.abs(near - corner)];
      const paeth = a <= b && a <= c ? left : b <= c ? up : corner;
      const guess = [0, left, up, (left + up) >> 1, paeth][filter] ?? 0;
      out[to] = lines[row * (stride + 1) + 1 + at]! + guess;
    }
  }
  return out;
}

const table = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; ++bit) {
    value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

function chunk(name: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const sum = body.reduce((crc, byte) => table[(crc ^ byte) & 255]! ^ (crc >>> 8), 0xffffffff);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(content.length, 0);
  ends.writeUInt32BE((sum ^ 0xffffffff) >>> 0, 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

const far = (a: number, b: number) => [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);
const unlike = 100; // of two colours that an eye tells apart, whatever few pixels have them

/** Colours that most pixels have, and no two that are alike as long as others are left. */
function paletteOf(counts: Map<number, number>): number[] {
  const all = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
  const first: number[] = [];
  for (const colour of all) {
    if (first.length < 256 && first.every((other) => far(other, colour) > unlike)) {
      first.push(colour);
    }
  }
  const chosen = new Set(first);
  return [...first, ...all.filter((colour) => !chosen.has(colour))].slice(0, 256);
}

/** With 256 colours; each other one becomes that which is nearest. */
export function withPalette(png: Buffer): Buffer {
  const chunks = chunksOf(png);
  const header = chunks.get("IHDR")!;
  const depth = header[9] === 2 ? 3 : header[9] === 6 ? 4 : 0;
  if (header[8] !== 8 || depth === 0 || header[12] !== 0) {
    return png;
  }
  const size = sizeOf(png);
  const pixels = unfiltered(inflateSync(chunks.get("IDAT")!), size, depth);
  const counts = new Map<number, number>();
  const colours = new Uint32Array(size.width * size.height);
  for (let at = 0; at < colours.length; ++at) {
    const colour = pixels.readUIntBE(at * depth, 3);
    colours[at] = colour;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = paletteOf(counts);
  const places = new Map(palette.map((colour, place) => [colour, place]));
  const placeOf = (colour: number): number => {
    let place = places.get(colour);
    if (place === undefined) {
      place = 0;
      palette.forEach((other, at) => {
        place = far(other, colour) < far(palette[place!]!, colour) ? at : place!;
      });
      places.set(colour, place);
    }
    return place;
  };
  const lines = Buffer.alloc((size.width + 1) * size.height);
  colours.forEach((colour, at) => {
    lines[at + Math.floor(at / size.width) + 1] = placeOf(colour);
  });
  const kind = Buffer.from(header);
  kind[9] = 3;
  const bytes = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([signature, chunk("IHDR", kind), chunk("PLTE", bytes), chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}
