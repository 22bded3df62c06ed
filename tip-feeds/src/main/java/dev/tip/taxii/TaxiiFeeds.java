// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.taxii;

import dev.tip.Confidence;
import dev.tip.CyberObservable.Type;
import dev.tip.Tlp;
import dev.tip.feed.ContentContract;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedProvider;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Terms;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * The TAXII 2.1 collections that a host names in its settings.
 *
 * <p>The property {@code taxii} has the names of the collections with commas between. For each
 * name:
 *
 * <table>
 * <caption>Properties of a collection</caption>
 * <tr><th>property</th><th>meaning</th><th>default</th></tr>
 * <tr><td>{@code taxii.NAME.collection}</td><td>its address</td><td>required</td></tr>
 * <tr><td>{@code taxii.NAME.auth}</td><td>{@code none}, {@code basic} (the secret is {@code
 *     user:password}), {@code bearer}, or the name of a header</td><td>{@code none}</td></tr>
 * <tr><td>{@code taxii.NAME.secret}</td><td>the name of the secret</td><td>required with
 *     auth</td></tr>
 * <tr><td>{@code taxii.NAME.role}</td><td>a {@link FeedInfo.Role}: {@code c2}, {@code phishing}
 *     …</td><td>{@code reputation}</td></tr>
 * <tr><td>{@code taxii.NAME.confidence}</td><td>for indicators without one</td><td>{@code
 *     Medium}</td></tr>
 * <tr><td>{@code taxii.NAME.tlp}</td><td>for indicators without one</td><td>{@code
 *     AMBER+STRICT}</td></tr>
 * <tr><td>{@code taxii.NAME.interval}</td><td>ISO 8601 duration</td><td>{@code PT1H}</td></tr>
 * <tr><td>{@code taxii.NAME.time-to-live}</td><td>ISO 8601 duration, of indicators without an
 *     end</td><td>{@code P90D}</td></tr>
 * </table>
 *
 * <p>The feed of {@code NAME} has the id {@code taxii-NAME}.
 */
public final class TaxiiFeeds implements FeedProvider {
  /** Creates the provider. */
  public TaxiiFeeds() {}

  @Override
  public List<Feed> feeds(FeedSettings settings) {
    List<Feed> feeds = new ArrayList<>();
    for (String name : settings.property("taxii").orElse("").split(",", -1)) {
      if (!name.isBlank()) {
        feeds.add(feed(settings, name.strip()));
      }
    }
    return List.copyOf(feeds);
  }

  private static Feed feed(FeedSettings settings, String name) {
    Setting setting = new Setting(settings, "taxii." + name + '.');
    URI collection = setting.get("collection", "", URI::create);
    String auth = setting.get("auth", "none", Function.identity());
    FeedInfo.Builder info =
        FeedInfo.builder("taxii-" + name)
            .name(name)
            .provider(setting.get("provider", host(collection), Function.identity()))
            .reference(collection)
            .description("A collection of a TAXII 2.1 server")
            .types(Type.IPV4_ADDR, Type.values())
            .role(setting.get("role", "reputation", TaxiiFeeds::role))
            .coverage(FeedInfo.Coverage.INCREMENTAL)
            .confidence(setting.get("confidence", "Medium", TaxiiFeeds::confidence))
            .tlp(setting.get("tlp", "AMBER+STRICT", TaxiiFeeds::tlp))
            .minInterval(setting.get("interval", "PT1H", Duration::parse))
            .timeToLive(setting.get("time-to-live", "P90D", Duration::parse))
            .terms(new Terms("as agreed with the operator", collection, true, false, null))
            .contract(ContentContract.builder().mayBeEmpty().maxRejectedShare(1).build());
    if (!auth.equals("none")) {
      info.auth(FeedInfo.Auth.KEY, setting.get("secret", "", Function.identity()));
    }
    TaxiiCredentials credentials =
        switch (auth) {
          case "none" -> TaxiiCredentials.NONE;
          case "basic" -> TaxiiCredentials.BASIC;
          case "bearer" -> TaxiiCredentials.BEARER;
          default -> TaxiiCredentials.header(auth);
        };
    FeedInfo built = info.build();
    FeedSettings.Override override = settings.override(built.id()).orElse(null);
    if (override != null) {
      if (override.location() != null) {
        // Its secret must not go to another server by the way.
        throw new IllegalArgumentException(
            built.id() + " has its address in taxii." + name + ".collection; change it there");
      }
      built = override.appliedTo(built);
    }
    return TaxiiCollection.feed(built, collection, credentials, Clock.systemUTC());
  }

  private static String host(URI address) {
    String host = address.getHost();
    return host == null ? address.toString() : host;
  }

  private static FeedInfo.Role role(String text) {
    return FeedInfo.Role.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  private static Confidence confidence(String text) {
    for (Confidence confidence : Confidence.values()) {
      if (confidence.ecsValue().equalsIgnoreCase(text)) {
        return confidence;
      }
    }
    throw new IllegalArgumentException("no confidence: " + text);
  }

  private static Tlp tlp(String text) {
    for (Tlp tlp : Tlp.values()) {
      if (tlp.ecsValue().equalsIgnoreCase(text)) {
        return tlp;
      }
    }
    throw new IllegalArgumentException("no TLP: " + text);
  }

  private record Setting(FeedSettings settings, String prefix) {
    <T> T get(String key, String otherwise, Function<String, T> read) {
      String name = prefix + key;
      String text = settings.property(name).orElse(otherwise).strip();
      if (text.isEmpty()) {
        throw new IllegalArgumentException("the setting " + name + " is missing");
      }
      try {
        return read.apply(text);
      } catch (IllegalArgumentException | DateTimeException e) {
        throw new IllegalArgumentException("the setting " + name + " cannot be used: " + text, e);
      }
    }
  }
}
