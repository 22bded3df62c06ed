// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedEntry.Accepted;
import dev.tip.feed.FeedEntry.Rejected;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedParser;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * The format of OpenIOC 1.0 and 1.1. Immutable and thread-safe.
 *
 * <p>Read are items that an indicator can say: hashes, names and paths of files, addresses, host
 * names, URLs, registry keys, senders of mail, mutexes. An item counts if it alone is enough: below
 * {@code OR} only, or below an {@code AND} that has nothing else in it but the same file. Other
 * items are rejected: {@code openioc-and}, {@code openioc-condition}, {@code openioc-term}.
 *
 * <p>Document types and entities are not read, so nothing is fetched and nothing grows; a document
 * with them, or one that is no XML or no OpenIOC, breaks the contract (clauses {@code xml-syntax},
 * {@code openioc}). So does one with more than {@value #MAX_ITEMS} items or {@value #MAX_DEPTH}
 * levels (clause {@code too-large}): whether an item counts is known at the end of what it is in.
 */
public final class OpenIoc implements FeedParser {
  static final int MAX_ITEMS = 100_000;
  static final int MAX_DEPTH = 64;

  private static final int MAX_TEXT = 8192;
  private static final OpenIoc INSTANCE = new OpenIoc();

  private OpenIoc() {}

  /** Returns the format. */
  public static OpenIoc of() {
    return INSTANCE;
  }

  @Override
  public Iterator<FeedEntry> parse(FeedBody body, FeedInfo feed) throws IOException {
    return new Reader(body, feed);
  }

  /** A new one each time: factories are not thread-safe. */
  private static XMLInputFactory xml() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    // It would write to the standard error stream.
    factory.setXMLReporter((message, type, information, location) -> {});
    factory.setXMLResolver(
        (publicId, systemId, base, namespace) -> {
          throw new XMLStreamException("entities are not read");
        });
    return factory;
  }

  /** An item, or a group of them. */
  private sealed interface Node {}

  private record Item(
      long position, String search, String condition, boolean negated, String content)
      implements Node {}

  private record Group(boolean all, List<Node> parts) implements Node {}

  private static final class Reader extends EntryIterator {
    private final FeedInfo feed;
    private final Failures in;
    private final XMLStreamReader xml;
    private final List<Group> open = new ArrayList<>();
    private long items;
    private boolean rooted;
    private @Nullable String name;
    private @Nullable String description;
    private @Nullable String author;
    private @Nullable String id;

    Reader(FeedBody body, FeedInfo feed) throws IOException {
      super(false);
      this.feed = feed;
      this.in = new Failures(Encoding.utf8(body, feed));
      try {
        // As text: what is no UTF-8 is replaced, as in all lists, and costs a record, not the list.
        this.xml = xml().createXMLStreamReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      } catch (XMLStreamException e) {
        throw failed(e);
      }
    }

    @Override
    String text() {
      return "";
    }

    @Override
    boolean read() throws IOException {
      return step();
    }

    /** Goes on to the next event. */
    private int event() throws IOException {
      try {
        return xml.next();
      } catch (XMLStreamException e) {
        throw failed(e);
      } catch (RuntimeException e) {
        // The JDK's reader falls over some damaged documents instead of saying so.
        throw broken("xml-syntax", "the document is no XML", e);
      }
    }

    private boolean hasEvent() throws IOException {
      try {
        return xml.hasNext();
      } catch (XMLStreamException e) {
        throw failed(e);
      }
    }

    private boolean step() throws IOException {
      if (!hasEvent()) {
        if (!rooted) {
          throw broken("openioc", "the document is no OpenIOC", null);
        }
        return false;
      }
      switch (event()) {
        case XMLStreamConstants.START_ELEMENT -> begin(xml.getLocalName());
        case XMLStreamConstants.END_ELEMENT -> {
          if (xml.getLocalName().equals("Indicator") && !open.isEmpty()) {
            Group ended = open.remove(open.size() - 1);
            if (open.isEmpty()) {
              evaluate(ended, false);
            }
          }
        }
        case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
            throw broken("xml-syntax", "the document has a document type or entities", null);
        default -> {}
      }
      return true;
    }

    private void begin(String element) throws IOException {
      if (!rooted) {
        if (!element.equals("ioc") && !element.equals("OpenIOC")) {
          throw broken("openioc", "the document is no OpenIOC", null);
        }
        rooted = true;
        id = xml.getAttributeValue(null, "id");
        return;
      }
      switch (element) {
        case "short_description" -> name = content();
        case "description" -> description = content();
        case "authored_by" -> author = content();
        case "Indicator" -> {
          if (open.size() == MAX_DEPTH) {
            throw tooLarge();
          }
          Group group =
              new Group(
                  "AND".equalsIgnoreCase(xml.getAttributeValue(null, "operator")),
                  new ArrayList<>());
          add(group);
          open.add(group);
        }
        case "IndicatorItem" -> item();
        default -> {}
      }
    }

    private void add(Node node) {
      if (!open.isEmpty()) {
        open.get(open.size() - 1).parts().add(node);
      }
    }

    private void item() throws IOException {
      if (++items > MAX_ITEMS) {
        throw tooLarge();
      }
      String condition = attribute("condition");
      boolean negated = "true".equalsIgnoreCase(attribute("negate"));
      String search = "";
      String content = "";
      int depth = 1;
      while (depth > 0) {
        int event = event();
        if (event == XMLStreamConstants.START_ELEMENT) {
          if (xml.getLocalName().equals("Context")) {
            search = attribute("search");
          }
          if (xml.getLocalName().equals("Content")) {
            content = content();
          } else {
            depth++;
          }
        } else if (event == XMLStreamConstants.END_ELEMENT) {
          depth--;
        } else if (event == XMLStreamConstants.ENTITY_REFERENCE) {
          throw broken("xml-syntax", "the document has entities", null);
        }
      }
      Item item = new Item(items, search, condition, negated, content);
      if (open.isEmpty()) {
        state(List.of(item));
      } else {
        add(item);
      }
    }

    private String attribute(String attribute) {
      String value = xml.getAttributeValue(null, attribute);
      return value == null ? "" : value.strip();
    }

    /** Reads the text of an element up to its end; elements in it are skipped. */
    private String content() throws IOException {
      StringBuilder text = new StringBuilder();
      int depth = 1;
      while (depth > 0) {
        switch (event()) {
          case XMLStreamConstants.START_ELEMENT -> depth++;
          case XMLStreamConstants.END_ELEMENT -> depth--;
          case XMLStreamConstants.CHARACTERS,
              XMLStreamConstants.CDATA,
              XMLStreamConstants.SPACE -> {
            if (text.length() <= MAX_TEXT) {
              text.append(xml.getText(), 0, Math.min(xml.getTextLength(), MAX_TEXT + 1));
            }
          }
          case XMLStreamConstants.ENTITY_REFERENCE ->
              throw broken("xml-syntax", "the document has entities", null);
          default -> {}
        }
      }
      return text.toString().strip();
    }

    /** States the alternatives of a group; {@code required} is what has to hold besides. */
    private void evaluate(Group group, boolean required) {
      List<Node> parts = group.parts();
      if (group.all() && parts.size() > 1) {
        List<Item> file = new ArrayList<>();
        for (Node part : parts) {
          if (!required && part instanceof Item item && isOfFile(item)) {
            file.add(item);
          }
        }
        if (file.size() == parts.size()) {
          state(file);
          return;
        }
      }
      boolean narrowed = required || group.all() && parts.size() > 1;
      for (Node part : parts) {
        if (part instanceof Group inner) {
          evaluate(inner, narrowed);
        } else if (part instanceof Item item) {
          if (narrowed) {
            refuse(item, "openioc-and");
          } else {
            state(List.of(item));
          }
        }
      }
    }

    private static boolean isOfFile(Item item) {
      String search = item.search().toLowerCase(Locale.ROOT);
      return search.startsWith("fileitem/") && item.condition().equals("is") && !item.negated();
    }

    private void refuse(Item item, String reason) {
      emit(new Rejected(item.position(), item.search() + " " + item.content(), reason));
    }

    /** States items that are about one thing. */
    private void state(List<Item> of) {
      Item first = of.get(0);
      try {
        boolean several = of.size() > 1;
        CyberObservable observable = several ? file(of) : observable(first);
        boolean weak =
            observable instanceof File file
                && file.hashes().isEmpty()
                && feed.confidence().compareTo(Confidence.LOW) > 0;
        emit(
            new Accepted(
                first.position(),
                Indicator.builder(observable, feed)
                    .confidence(weak ? Confidence.LOW : null)
                    .description(name == null || name.isEmpty() ? description : name)
                    .provider(author)
                    .externalId(id)
                    .build()));
      } catch (InvalidIndicatorException e) {
        for (Item item : of) {
          refuse(item, e.reason());
        }
      }
    }

    private static CyberObservable file(List<Item> of) {
      File.Builder file = File.builder();
      boolean hash = false;
      for (Item item : of) {
        HashAlgorithm algorithm = hash(item.search().toLowerCase(Locale.ROOT));
        if (algorithm != null) {
          file.hash(algorithm, item.content());
          hash = true;
        } else if (item.search().equalsIgnoreCase("FileItem/FileName")) {
          Observables.describe(file, item.content());
        }
      }
      if (!hash) {
        throw new InvalidIndicatorException("openioc-and", of.get(0).search());
      }
      return file.build();
    }

    private static @Nullable HashAlgorithm hash(String search) {
      if (search.endsWith("md5sum")) {
        return HashAlgorithm.MD5;
      } else if (search.endsWith("sha1sum")) {
        return HashAlgorithm.SHA1;
      }
      return search.endsWith("sha256sum") ? HashAlgorithm.SHA256 : null;
    }

    private static CyberObservable observable(Item item) {
      String search = item.search().toLowerCase(Locale.ROOT);
      boolean network =
          search.startsWith("network/")
              || search.startsWith("portitem/")
              || search.startsWith("dnsentryitem/");
      boolean is = item.condition().equals("is") || network && item.condition().equals("contains");
      if (!is || item.negated()) {
        throw new InvalidIndicatorException("openioc-condition", item.condition());
      }
      String content = item.content();
      HashAlgorithm algorithm = hash(search);
      if (algorithm != null) {
        return CyberObservable.file(algorithm, content);
      }
      return switch (search) {
        case "fileitem/filename" -> CyberObservable.fileName(content);
        case "fileitem/fullpath" -> File.builder().path(content).build();
        case "portitem/remoteip", "routeentryitem/destination" -> CyberObservable.ip(content);
        case "network/dns", "dnsentryitem/host", "dnsentryitem/recordname" ->
            Observables.host(content);
        case "network/uri", "urlhistoryitem/url" ->
            content.contains("://") ? CyberObservable.url(content) : Observables.host(content);
        case "registryitem/path", "registryitem/keypath" ->
            CyberObservable.windowsRegistryKey(content, null);
        case "email/from" -> CyberObservable.emailAddr(content);
        case "processitem/handlelist/handle/name" -> CyberObservable.mutex(content);
        default -> throw new InvalidIndicatorException("openioc-term", item.search());
      };
    }

    private FeedException tooLarge() {
      return broken("too-large", "the document has too many items or levels", null);
    }

    private IOException failed(XMLStreamException e) {
      IOException cause = in.failure;
      return cause == null ? broken("xml-syntax", "the document is cut or no XML", e) : cause;
    }

    private FeedException broken(String clause, String message, @Nullable Exception cause) {
      return FeedException.contractBroken(feed.id(), clause, message, cause);
    }
  }

  /** Remembers how reading failed, which the XML reader hides in an exception of its own. */
  private static final class Failures extends FilterInputStream {
    @Nullable IOException failure;

    Failures(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return in.read();
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return in.read(bytes, offset, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
