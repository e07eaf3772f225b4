import t from 'tap';
import { crc32c, maskedCrc32c } from './crc32c.js';

t.test("CRC-32C has the values of RFC 3720's appendix", async (t) => {
  t.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  t.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  t.equal(crc32c(new Uint8Array(32).map((_, index) => index)), 0x46dd794e);
  t.equal(crc32c(new TextEncoder().encode('123456789')), 0xe3069283, 'the check value of the catalogue of CRCs');
  t.equal(crc32c(new Uint8Array(0)), 0);
});

t.test('the mask rotates by 15 and adds the constant', async (t) => {
  t.equal(maskedCrc32c(new Uint8Array(0)), 0xa282ead8);
  t.equal(
    maskedCrc32c(new TextEncoder().encode('123456789')),
    (((0xe3069283 >>> 15) | (0xe3069283 << 17)) + 0xa282ead8) >>> 0,
  );
});
