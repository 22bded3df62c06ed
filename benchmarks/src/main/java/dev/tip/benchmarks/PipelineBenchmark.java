// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import dev.tip.Indicator;
import dev.tip.benchmarks.Lists.Kind;
import dev.tip.ecs.EcsEncoder;
import dev.tip.ecs.EcsWriter;
import dev.tip.sink.Change;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** The steps from a list's bytes to a document; times are those of one record. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PipelineBenchmark {
  private static final int ROWS = 10_000;
  private static final Instant NOW = Instant.parse("2026-11-24T08:00:00Z");

  @Param({"URLHAUS", "MALWAREBAZAAR", "IPV4", "DROP"})
  private String list = "URLHAUS";

  private final EcsEncoder encoder = EcsEncoder.create();
  private final OutputStream nowhere = OutputStream.nullOutputStream();
  private @Nullable Lists source;
  private List<Indicator> indicators = List.of();

  /** Writes and reads the list. */
  @Setup
  public void read() throws IOException, InterruptedException {
    Lists made = Lists.of(Kind.valueOf(list), ROWS);
    source = made;
    indicators = made.indicators().subList(0, ROWS / 2);
  }

  /** Bytes to indicators, through a mirror. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public long parse() throws IOException, InterruptedException {
    return Objects.requireNonNull(source).read();
  }

  /** The id of an indicator. */
  @Benchmark
  @OperationsPerInvocation(ROWS / 2)
  public void id(Blackhole results) {
    for (Indicator indicator : indicators) {
      results.consume(indicator.id());
    }
  }

  /** The document of an indicator, its id included. */
  @Benchmark
  @OperationsPerInvocation(ROWS / 2)
  public void encode() throws IOException {
    try (EcsWriter documents = encoder.writer(nowhere)) {
      for (Indicator indicator : indicators) {
        documents.write(new Change.Upsert(indicator, 1, Change.Cause.NEW, NOW, NOW));
      }
    }
  }
}
