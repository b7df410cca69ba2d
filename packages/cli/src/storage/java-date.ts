// The date line that Java puts at the top of property files: `Sat Nov 21 09:41:41 UTC 2026`.

/** Always in UTC, so that the same moment gives the same bytes everywhere. */
export function javaDateLine(wallMs: number): string {
  // RFC 7231 form: `Sat, 21 Nov 2026 09:41:41 GMT`.
  const [weekday, day, month, year, time] = new Date(wallMs).toUTCString().replace(",", "").split(" ");
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
