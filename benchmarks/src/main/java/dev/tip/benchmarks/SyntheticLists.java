// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Lists in the shape of real ones, made from a seed: the same number of rows gives the same bytes
 * everywhere. Hosts are documentation names and addresses.
 */
final class SyntheticLists {
  private static final long SEED = 20261124L;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String[] TAGS = {
    "32-bit,elf,mips,Mozi",
    "elf,mirai",
    "exe",
    "None",
    "AgentTesla,exe,opendir",
    "js,SocGholish",
    "sh",
    "ua-wget"
  };
  private static final String[] PATHS = {
    "i", "bin.sh", "arm7", "mips", "x86_64", "setup.exe", "update.js", "a/b/c.php?id="
  };

  private SyntheticLists() {}

  /** Writes a list in the form of URLhaus' csv_recent, newest first. */
  static Path urlhaus(Path file, int rows) throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    Instant time = Instant.parse("2026-11-24T06:00:00Z");
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      out.write("################################################################\r\n");
      out.write("# abuse.ch URLhaus Database Dump (CSV - recent URLs only)      #\r\n");
      out.write("# Last updated: 2026-11-24 06:00:00 (UTC)                      #\r\n");
      out.write("#                                                              #\r\n");
      out.write("# Terms Of Use: https://urlhaus.abuse.ch/api/                  #\r\n");
      out.write("# For questions please contact urlhaus [at] abuse.ch           #\r\n");
      out.write("################################################################\r\n");
      out.write("#\r\n");
      out.write("# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\r\n");
      for (int i = 0; i < rows; i++) {
        int id = 4_000_000 + rows - i;
        time = time.minusSeconds(random.nextInt(5));
        String added = TIME.format(time);
        String url = url(random, id);
        boolean online = random.nextInt(3) == 0;
        out.write('"' + Integer.toString(id) + "\",\"" + added + "\",\"" + url + "\",\"");
        out.write(online ? "online\",\"" + added : "offline\",\"");
        out.write("\",\"malware_download\",\"" + TAGS[random.nextInt(TAGS.length)]);
        out.write(
            "\",\"https://urlhaus.abuse.ch/url/"
                + id
                + "/\",\"reporter"
                + random.nextInt(40)
                + "\"\r\n");
      }
      out.write("# Number of entries: " + rows + "\r\n");
    }
    return file;
  }

  private static String url(SplittableRandom random, int id) {
    String path = PATHS[random.nextInt(PATHS.length)];
    if (random.nextInt(5) == 0) {
      return "https://dl" + random.nextInt(5000) + ".files.example/" + id + "/" + path;
    }
    int net = random.nextInt(3);
    String host =
        (net == 0 ? "192.0.2." : net == 1 ? "198.51.100." : "203.0.113.") + random.nextInt(256);
    return "http://" + host + ":" + (1024 + random.nextInt(60_000)) + "/" + id + "/" + path;
  }

  /** Writes a list in the form of MalwareBazaar's recent samples. */
  static Path malwareBazaar(Path file, int rows) throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    Instant time = Instant.parse("2026-11-24T06:00:00Z");
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      out.write("################################################################\r\n");
      out.write("# MalwareBazaar recent malware samples (CSV)                   #\r\n");
      out.write("# Last updated: 2026-11-24 06:00:00 UTC                        #\r\n");
      out.write("################################################################\r\n");
      out.write("#\r\n");
      out.write(
          "# \"first_seen_utc\",\"sha256_hash\",\"md5_hash\",\"sha1_hash\",\"reporter\",\"file_name\","
              + "\"file_type_guess\",\"mime_type\",\"signature\",\"clamav\",\"vtpercent\",\"imphash\","
              + "\"ssdeep\",\"tlsh\"\r\n");
      for (int i = 0; i < rows; i++) {
        time = time.minusSeconds(random.nextInt(90));
        String sha256 = hex(random, 32);
        out.write('"' + TIME.format(time) + "\", \"" + sha256 + "\", \"" + hex(random, 16));
        out.write("\", \"" + hex(random, 20) + "\", \"reporter" + random.nextInt(40));
        out.write(
            "\", \"sample" + random.nextInt(100_000) + ".exe\", \"exe\", \"application/x-dosexec");
        out.write("\", \"" + (random.nextInt(3) == 0 ? "n/a" : "Family" + random.nextInt(60)));
        out.write("\", \"n/a\", \"n/a\", \"" + hex(random, 16) + "\", \"3072:");
        out.write(hex(random, 20) + ':' + hex(random, 10) + "\", \"T1");
        out.write(hex(random, 35).toUpperCase(Locale.ROOT) + "\"\r\n");
      }
      out.write("# Number of entries: " + rows + "\r\n");
    }
    return file;
  }

  /** Writes a bare list of IPv4 addresses, as Botvrij.eu has them; every address is private. */
  static Path ipv4(Path file, int rows) throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.US_ASCII)) {
      for (int i = 0; i < rows; i++) {
        out.write("10." + random.nextInt(256) + '.' + random.nextInt(256) + '.');
        out.write(random.nextInt(256) + "\n");
      }
    }
    return file;
  }

  /** Writes networks in the form of Spamhaus' drop_v4.json: a record a line, then the metadata. */
  static Path drop(Path file, int rows) throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.US_ASCII)) {
      for (int i = 0; i < rows; i++) {
        out.write("{\"cidr\":\"10." + random.nextInt(256) + '.' + random.nextInt(256));
        out.write(".0/24\",\"sblid\":\"SBL" + (100_000 + random.nextInt(600_000)));
        out.write("\",\"rir\":\"ripencc\"}\n");
      }
      out.write("{\"type\":\"metadata\",\"timestamp\":1795500000,\"size\":1,\"records\":" + rows);
      out.write(",\"copyright\":\"(c) 2026 The Spamhaus Project SLU\"}\n");
    }
    return file;
  }

  private static String hex(SplittableRandom random, int bytes) {
    byte[] digest = new byte[bytes];
    random.nextBytes(digest);
    return HexFormat.of().formatHex(digest);
  }

  /** Writes a bare list of SHA-256 hashes. */
  static Path sha256(Path file, int rows) throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.US_ASCII)) {
      for (int i = 0; i < rows; i++) {
        out.write(hex(random, 32));
        out.write('\n');
      }
    }
    return file;
  }

  /** Returns a file's SHA-256, printed beside every number. */
  static String dataSetHash(Path file) throws IOException {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException("every JDK has SHA-256", e));
    }
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(sha256.digest());
  }
}
