// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import dev.tip.CyberObservable;
import dev.tip.CyberObservable.Type;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Text to canonical form, by type. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CanonicalFormsBenchmark {
  private static final Map<Type, String> VALUES =
      Map.of(
          Type.IPV4_ADDR, "203.0.113.77",
          Type.IPV6_ADDR, "2001:db8::8a2e:370:7334",
          Type.DOMAIN_NAME, "update.cdn-17.files.example",
          Type.URL, "http://203.0.113.77:8080/bins/4711/arm7?id=1",
          Type.FILE, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
          Type.EMAIL_ADDR, "accounts@mail.example",
          Type.X509_CERTIFICATE, "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3");

  @Param({"IPV4_ADDR", "IPV6_ADDR", "DOMAIN_NAME", "URL", "FILE", "EMAIL_ADDR", "X509_CERTIFICATE"})
  private Type type = Type.URL;

  private String value = "";

  /** Picks the value of the type. */
  @Setup
  public void pick() {
    value = VALUES.getOrDefault(type, "");
  }

  /** Reads one value. */
  @Benchmark
  public CyberObservable parse() {
    return CyberObservable.parse(type, value);
  }
}
