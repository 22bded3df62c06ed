// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.Confidence;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.HttpFeed;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** One saboteur a rule: each must fail its rule and no other. */
@Timeout(120)
class FeedContractTest {
  @FunctionalInterface
  private interface Rule {
    void check(FeedContract contract) throws Exception;
  }

  private static final Map<String, Rule> RULES = new LinkedHashMap<>();

  static {
    RULES.put("F-01", FeedContract::saysWhatItIs);
    RULES.put("F-02", FeedContract::acceptsGoodRecords);
    RULES.put("F-03", FeedContract::sameBytesGiveSameIds);
    RULES.put("F-04", FeedContract::rejectsBadRecord);
    RULES.put("F-05", FeedContract::cutBodyIsAnException);
    RULES.put("F-06", FeedContract::sendsValidatorsBack);
    RULES.put("F-07", FeedContract::otherStatusIsFeedException);
    RULES.put("F-08", FeedContract::moreThanTheLimitIsRefused);
    RULES.put("F-09", FeedContract::streams);
    RULES.put("F-10", FeedContract::lineEndsChangeNothing);
    RULES.put("F-11", FeedContract::keepsTheSecret);
    RULES.put("F-12", FeedContract::interruptEndsTheFetch);
    RULES.put("F-13", FeedContract::closingCloses);
    RULES.put("F-14", FeedContract::htmlIsAnException);
    RULES.put("F-15", FeedContract::redirectDoesNotCarryTheSecret);
  }

  /** Makes, for each run of a rule, what makes the feed of an address. */
  private static final Map<String, Supplier<Function<URI, Feed>>> SABOTEURS = new LinkedHashMap<>();

  static {
    SABOTEURS.put("F-01", () -> FeedContractTest::withoutConfidence);
    SABOTEURS.put("F-02", () -> wrapped(OutOfOrder::new));
    SABOTEURS.put("F-03", IdsOfTheDay::new);
    SABOTEURS.put("F-04", () -> wrapped(HidesRejected::new));
    SABOTEURS.put("F-05", () -> wrapped(CutIsTheEnd::new));
    SABOTEURS.put("F-06", () -> wrapped(ForgetsState::new));
    SABOTEURS.put("F-07", () -> wrapped(GoneIsAnyFailure::new));
    SABOTEURS.put("F-08", () -> wrapped(HasNoLimits::new));
    SABOTEURS.put("F-09", () -> wrapped(ReadsAllFirst::new));
    SABOTEURS.put("F-10", () -> FeedContractTest::knowsLineFeedsOnly);
    SABOTEURS.put("F-11", () -> wrapped(ShowsTheSecret::new));
    SABOTEURS.put("F-12", () -> wrapped(CannotBeInterrupted::new));
    SABOTEURS.put("F-13", () -> wrapped(LeavesTheConnection::new));
    SABOTEURS.put("F-14", () -> wrapped(BlamesTheNetwork::new));
    SABOTEURS.put("F-15", () -> FeedContractTest::tellsEveryone);
  }

  @TestFactory
  Stream<DynamicTest> saboteurFailsItsRuleAndNoOther() {
    return RULES.keySet().stream()
        .map(
            rule ->
                DynamicTest.dynamicTest(
                    rule, () -> assertThat(failures(SABOTEURS.get(rule))).containsExactly(rule)));
  }

  @Test
  void goodFeedFailsNoRule() throws Exception {
    assertThat(failures(() -> FeedContractTest::good)).isEmpty();
  }

  @Test
  void everyRuleIsATestAndHasASaboteur() {
    long tests =
        Stream.of(FeedContract.class.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .count();

    assertThat(SABOTEURS.keySet()).isEqualTo(RULES.keySet()).hasSize((int) tests);
  }

  private static Set<String> failures(Supplier<Function<URI, Feed>> feeds) throws Exception {
    Set<String> failed = new TreeSet<>();
    for (Map.Entry<String, Rule> rule : RULES.entrySet()) {
      NamesContract contract = new NamesContract(feeds.get());
      try {
        rule.getValue().check(contract);
      } catch (AssertionError | IOException | RuntimeException | ExecutionException e) {
        failed.add(rule.getKey());
      } finally {
        contract.closeOrigin();
      }
    }
    return failed;
  }

  private static Feed good(URI address) {
    return Names.feed(Names.keyed(), address).secretHeader("Auth-Key").build();
  }

  private static Function<URI, Feed> wrapped(UnaryOperator<Feed> saboteur) {
    return address -> saboteur.apply(good(address));
  }

  private static Feed withoutConfidence(URI address) {
    FeedInfo.Builder info = Names.keyed().confidence(Confidence.NOT_SPECIFIED);
    return Names.feed(info, address).secretHeader("Auth-Key").build();
  }

  private static Feed knowsLineFeedsOnly(URI address) {
    return HttpFeed.builder(Names.keyed().build())
        .location(address.toString())
        .plainHttp()
        .secretHeader("Auth-Key")
        .parser(
            (body, feed) ->
                Names.parse(
                    new FeedBody(
                        new WithoutCarriageReturns(body.stream()),
                        body.name(),
                        body.lastModified(),
                        body.maxLineLength()),
                    feed))
        .build();
  }

  private static Feed tellsEveryone(URI address) {
    return Names.feed(Names.keyed(), address).header("Auth-Key", FeedContract.SECRET).build();
  }

  private static final class NamesContract extends HttpFeedContractTest {
    private final Function<URI, Feed> feeds;

    NamesContract(Function<URI, Feed> feeds) {
      this.feeds = feeds;
    }

    @Override
    protected Feed feedAt(URI address) {
      return feeds.apply(address);
    }

    @Override
    protected Duration patience() {
      return Duration.ofSeconds(1);
    }
  }

  /** A good feed; what a saboteur overrides is what is wrong with it. */
  private abstract static class Saboteur implements Feed {
    final Feed good;

    Saboteur(Feed good) {
      this.good = good;
    }

    @Override
    public FeedInfo info() {
      return good.info();
    }

    @Override
    public FetchResult fetch(FetchContext context, @Nullable FetchState last)
        throws IOException, InterruptedException {
      FetchResult result = good.fetch(context, last);
      return result instanceof FetchResult.Modified modified ? changed(modified) : result;
    }

    FetchResult changed(FetchResult.Modified result) {
      FeedReader reader = result.reader();
      return new FetchResult.Modified(
          FeedReader.of(info(), entries(reader.iterator()), reader), result.state());
    }

    Iterator<FeedEntry> entries(Iterator<FeedEntry> entries) {
      return entries;
    }
  }

  /** Entries of which some are changed, held back or left out. */
  private abstract static class ChangedEntries implements Iterator<FeedEntry> {
    final Iterator<FeedEntry> good;
    private @Nullable FeedEntry next;

    ChangedEntries(Iterator<FeedEntry> good) {
      this.good = good;
    }

    /** Returns the next entry, or null at the end. */
    abstract @Nullable FeedEntry read();

    @Override
    public boolean hasNext() {
      if (next == null) {
        next = read();
      }
      return next != null;
    }

    @Override
    public FeedEntry next() {
      if (!hasNext() || next == null) {
        throw new NoSuchElementException();
      }
      FeedEntry result = next;
      next = null;
      return result;
    }
  }

  private static final class OutOfOrder extends Saboteur {
    OutOfOrder(Feed good) {
      super(good);
    }

    @Override
    Iterator<FeedEntry> entries(Iterator<FeedEntry> entries) {
      return new ChangedEntries(entries) {
        private @Nullable FeedEntry first;
        private boolean started;

        @Override
        @Nullable FeedEntry read() {
          if (!started && good.hasNext()) {
            started = true;
            first = good.next();
          }
          if (good.hasNext()) {
            return good.next();
          }
          FeedEntry last = first;
          first = null;
          return last;
        }
      };
    }
  }

  /** Ends with another indicator when the same bytes come again. */
  private static final class IdsOfTheDay implements Function<URI, Feed> {
    private List<String> last = List.of();

    @Override
    public Feed apply(URI address) {
      return new Saboteur(good(address)) {
        @Override
        FetchResult changed(FetchResult.Modified result) {
          FeedReader reader = result.reader();
          List<String> seen = new ArrayList<>();
          Iterator<FeedEntry> entries =
              new ChangedEntries(reader.iterator()) {
                private @Nullable FeedEntry first;

                @Override
                @Nullable FeedEntry read() {
                  if (!good.hasNext()) {
                    last = List.copyOf(seen);
                    return null;
                  }
                  FeedEntry entry = good.next();
                  first = first == null ? entry : first;
                  seen.add(entry.toString());
                  if (!good.hasNext()) {
                    seen.add(reader.transfer().toString());
                  }
                  return seen.equals(last) ? first : entry;
                }
              };
          return new FetchResult.Modified(FeedReader.of(info(), entries, reader), result.state());
        }
      };
    }
  }

  private static final class HidesRejected extends Saboteur {
    HidesRejected(Feed good) {
      super(good);
    }

    @Override
    Iterator<FeedEntry> entries(Iterator<FeedEntry> entries) {
      return new ChangedEntries(entries) {
        @Override
        @Nullable FeedEntry read() {
          while (good.hasNext()) {
            FeedEntry entry = good.next();
            if (!(entry instanceof FeedEntry.Rejected)) {
              return entry;
            }
          }
          return null;
        }
      };
    }
  }

  private static final class CutIsTheEnd extends Saboteur {
    CutIsTheEnd(Feed good) {
      super(good);
    }

    @Override
    Iterator<FeedEntry> entries(Iterator<FeedEntry> entries) {
      return new ChangedEntries(entries) {
        @Override
        @Nullable FeedEntry read() {
          try {
            return good.hasNext() ? good.next() : null;
          } catch (UncheckedIOException e) {
            if (e.getCause() instanceof FeedException cut
                && cut.outcome() == FeedOutcome.UNREACHABLE) {
              return null;
            }
            throw e;
          }
        }
      };
    }
  }

  private static final class ForgetsState extends Saboteur {
    ForgetsState(Feed good) {
      super(good);
    }

    @Override
    public FetchResult fetch(FetchContext context, @Nullable FetchState last)
        throws IOException, InterruptedException {
      return super.fetch(context, null);
    }
  }

  private static final class GoneIsAnyFailure extends Saboteur {
    GoneIsAnyFailure(Feed good) {
      super(good);
    }

    @Override
    public FetchResult fetch(FetchContext context, @Nullable FetchState last)
        throws IOException, InterruptedException {
      try {
        return super.fetch(context, last);
      } catch (FeedException e) {
        if (String.valueOf(e.getMessage()).contains("status 410")) {
          throw new IOException("something is wrong");
        }
        throw e;
      }
    }
  }

  private static final class HasNoLimits extends Saboteur {
    HasNoLimits(Feed good) {
      super(good);
    }

    @Override
    public FetchResult fetch(FetchContext context, @Nullable FetchState last)
        throws IOException, InterruptedException {
      FetchContext unlimited =
          FetchContext.builder(context.usage())
              .httpClient(context.httpClient())
              .clock(context.clock())
              .secrets(context::secret)
              .timeout(context.timeout())
              .build();
      return super.fetch(unlimited, last);
    }
  }

  private static final class ReadsAllFirst extends Saboteur {
    ReadsAllFirst(Feed good) {
      super(good);
    }

    @Override
    Iterator<FeedEntry> entries(Iterator<FeedEntry> entries) {
      return new ChangedEntries(entries) {
        private @Nullable Iterator<FeedEntry> all;

        @Override
        @Nullable FeedEntry read() {
          if (all == null) {
            List<FeedEntry> list = new ArrayList<>();
            good.forEachRemaining(list::add);
            all = list.iterator();
          }
          return all.hasNext() ? all.next() : null;
        }
      };
    }
  }

  /** Makes the carriage return part of the record. */
  private static final class WithoutCarriageReturns extends FilterInputStream {
    WithoutCarriageReturns(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n = super.read(bytes, offset, length);
      for (int i = offset; i < offset + n; i++) {
        bytes[i] = bytes[i] == '\r' ? (byte) '?' : bytes[i];
      }
      return n;
    }
  }

  private static final class ShowsTheSecret extends Saboteur {
    ShowsTheSecret(Feed good) {
      super(good);
    }

    @Override
    public String toString() {
      return good + " with " + FeedContract.SECRET;
    }
  }

  private static final class CannotBeInterrupted extends Saboteur {
    CannotBeInterrupted(Feed good) {
      super(good);
    }

    @Override
    public FetchResult fetch(FetchContext context, @Nullable FetchState last)
        throws IOException, InterruptedException {
      FutureTask<FetchResult> task = new FutureTask<>(() -> good.fetch(context, last));
      Thread thread = new Thread(task, "uninterruptible");
      thread.setDaemon(true);
      thread.start();
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          continue;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof IOException cause) {
            throw cause;
          }
          throw new AssertionError(e);
        }
      }
    }
  }

  private static final class LeavesTheConnection extends Saboteur {
    LeavesTheConnection(Feed good) {
      super(good);
    }

    @Override
    FetchResult changed(FetchResult.Modified result) {
      return new FetchResult.Modified(
          FeedReader.of(info(), result.reader().iterator(), () -> {}), result.state());
    }
  }

  private static final class BlamesTheNetwork extends Saboteur {
    BlamesTheNetwork(Feed good) {
      super(good);
    }

    @Override
    public FetchResult fetch(FetchContext context, @Nullable FetchState last)
        throws IOException, InterruptedException {
      try {
        return super.fetch(context, last);
      } catch (FeedException e) {
        if (e.clause().filter("html"::equals).isPresent()) {
          throw FeedException.of(info().id(), FeedOutcome.UNREACHABLE, "no list came", null);
        }
        throw e;
      }
    }
  }
}
