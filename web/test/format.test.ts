import assert from "node:assert/strict";
import { test } from "node:test";

import { ago, bytes, count, duration, full, listed, moment, ms, percent, plural, portApart, rate, us, zoneName } from "../src/lib/format.ts";

test("an address is broken before its port", () => {
  assert.deepEqual(portApart("http://10.0.0.1:8080/x"), ["http://10.0.0.1", ":8080/x"]);
  assert.deepEqual(portApart("10.0.0.1:443"), ["10.0.0.1", ":443"]);
  assert.deepEqual(portApart("[fd00::1]:53"), ["[fd00::1]", ":53"]);
  for (const whole of ["https://shop.example/", "10.0.0.1", "fd00::1", "a.example"]) {
    assert.deepEqual(portApart(whole), [whole, ""]);
  }
});

test("numbers have groups, and a dash where they are not known", () => {
  assert.equal(count(1234567), "1,234,567");
  assert.equal(count(0), "0");
  assert.equal(count(null), "–");
  assert.equal(count(undefined), "–");
});

test("milliseconds have three figures and go on in seconds", () => {
  assert.equal(ms(0.0123), "0.012 ms");
  assert.equal(ms(1.234), "1.23 ms");
  assert.equal(ms(12.34), "12.3 ms");
  assert.equal(ms(9999), "9999 ms");
  assert.equal(ms(12_345), "12.3 s");
  assert.equal(ms(null), "–");
});

test("handlers take microseconds or milliseconds", () => {
  assert.equal(us(12.4), "12.4 µs");
  assert.equal(us(1250), "1.25 ms");
});

test("shares, sizes and rates", () => {
  assert.equal(percent(33.3333), "33.3 %");
  assert.equal(percent(0.00001), "<0.001 %");
  assert.equal(percent(99.97), ">99.9 %");
  assert.equal(percent(100), "100 %");
  assert.equal(bytes(1536), "1.5 KiB");
  assert.equal(bytes(12), "12 B");
  assert.equal(rate(0), "0");
  assert.equal(rate(0.25), "0.25");
  assert.equal(rate(123.4), "123");
  assert.equal(rate(12_345), "12.3k");
  assert.equal(rate(null), "–");
});

test("lengths of time have two units", () => {
  assert.equal(duration(59.9), "59 s");
  assert.equal(duration(60), "1 min");
  assert.equal(duration(3600), "1 h");
  assert.equal(duration(3900), "1 h 5 min");
  assert.equal(duration(90_000), "1 d 1 h");
  assert.equal(duration(-5), "0 s");
});

test("ages reach into both directions", () => {
  assert.equal(ago(100, 160), "1 min ago");
  assert.equal(ago(160, 100), "in 1 min");
  assert.equal(ago(100, 100.5), "just now");
  assert.equal(ago(0, 100), "never");
  assert.equal(ago(null, 100), "never");
});

test("moments of today have no date", () => {
  const now = Date.UTC(2026, 0, 2, 14, 5) / 1000;
  assert.equal(moment(now - 180, now, "utc"), "14:02");
  assert.equal(moment(now - 86_400, now, "utc"), "2026-01-01 14:05");
  assert.equal(full(now, "utc"), "2026-01-02 14:05:00");
});

test("zones have their distance from UTC", () => {
  assert.equal(zoneName("utc", 120), "UTC");
  assert.equal(zoneName("local", 0), "UTC");
  assert.equal(zoneName("local", 120), "UTC+2");
  assert.equal(zoneName("local", -210), "UTC-3:30");
});

test("lists name a few and count the rest", () => {
  assert.equal(listed([]), "none");
  assert.equal(listed(["a"]), "a");
  assert.equal(listed(["a", "b"]), "a and b");
  assert.equal(listed(["a", "b", "c", "d"]), "a, b, c and 1 more");
  assert.equal(listed(["a"], 3, 12), "a and 11 more");
  assert.equal(plural(1, "target"), "1 target");
  assert.equal(plural(2, "agent is", "agents are"), "2 agents are");
});
