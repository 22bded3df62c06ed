// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file known by hashes, name or path.
 *
 * <p>The value is the strongest cryptographic hash as plain lower-case hexadecimal; where there is
 * none, the first there is of {@code imphash:…}, {@code ssdeep:…}, {@code tlsh:…}, {@code name:…}
 * and {@code path:…}.
 */
public final class File extends CyberObservable {
  private static final String NAME_PREFIX = "name:";
  private static final String PATH_PREFIX = "path:";

  private final String value;
  private final Map<HashAlgorithm, String> hashes;
  private final @Nullable String name;
  private final long size;
  private final @Nullable String path;
  private final @Nullable String mimeType;

  private File(
      String value,
      Map<HashAlgorithm, String> hashes,
      @Nullable String name,
      long size,
      @Nullable String path,
      @Nullable String mimeType) {
    super(Type.FILE);
    this.value = value;
    this.hashes = hashes;
    this.name = name;
    this.size = size;
    this.path = path;
    this.mimeType = mimeType;
  }

  static File ofHash(HashAlgorithm algorithm, CharSequence digest) {
    String hash = Digests.canonical(algorithm, digest);
    String value = algorithm.isCryptographic() ? hash : algorithm.ecsName() + ':' + hash;
    return new File(value, Map.of(algorithm, hash), null, -1, null, null);
  }

  static File parseValue(String value) {
    if (value.startsWith(NAME_PREFIX)) {
      return builder().name(value.substring(NAME_PREFIX.length())).build();
    }
    if (value.startsWith(PATH_PREFIX)) {
      return builder().path(value.substring(PATH_PREFIX.length())).build();
    }
    for (HashAlgorithm algorithm : HashAlgorithm.values()) {
      String algorithmName = algorithm.ecsName();
      if (!algorithm.isCryptographic()
          && value.startsWith(algorithmName)
          && value.startsWith(":", algorithmName.length())) {
        return ofHash(algorithm, value.substring(algorithmName.length() + 1));
      }
    }
    return file(value);
  }

  @Override
  File merge(CyberObservable equal) {
    File other = (File) equal;
    Builder union = builder();
    union.hashes.putAll(Digests.union(hashes, other.hashes));
    union.name = PlainText.min(name, other.name);
    union.path = PlainText.min(path, other.path);
    union.mimeType = PlainText.min(mimeType, other.mimeType);
    union.size = Math.max(size, other.size);
    return union.build();
  }

  @Override
  boolean hasSameProperties(CyberObservable equal) {
    File other = (File) equal;
    return hashes.equals(other.hashes)
        && size == other.size
        && Objects.equals(name, other.name)
        && Objects.equals(path, other.path)
        && Objects.equals(mimeType, other.mimeType);
  }

  @Override
  public String value() {
    return value;
  }

  /**
   * Returns the hashes in canonical form, in the order of {@link HashAlgorithm}; unmodifiable.
   *
   * <p>Hexadecimal digests are lower case, TLSH is {@code T1} and upper case as its tool writes it,
   * ssdeep is as received.
   */
  public Map<HashAlgorithm, String> hashes() {
    return hashes;
  }

  /** Returns the file name. */
  public @Nullable String name() {
    return name;
  }

  /** Returns the size in bytes, or -1. */
  public long size() {
    return size;
  }

  /** Returns the path. */
  public @Nullable String path() {
    return path;
  }

  /** Returns the media type. */
  public @Nullable String mimeType() {
    return mimeType;
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds a file; at least one hash, a name or a path is needed. Not thread-safe. */
  public static final class Builder {
    private static final int MAX_NAME = 1024;
    private static final int MAX_PATH = 4096;
    private static final int MAX_MIME_TYPE = 256;

    private final EnumMap<HashAlgorithm, String> hashes = new EnumMap<>(HashAlgorithm.class);
    private @Nullable String name;
    private long size = -1;
    private @Nullable String path;
    private @Nullable String mimeType;

    private Builder() {}

    /**
     * Adds a hash in any letter case; a second one of the same algorithm replaces the first.
     *
     * @throws InvalidIndicatorException if it is not a digest of the algorithm
     */
    public Builder hash(HashAlgorithm algorithm, CharSequence digest) {
      hashes.put(algorithm, Digests.canonical(algorithm, digest));
      return this;
    }

    /**
     * Sets the name.
     *
     * @throws InvalidIndicatorException if it is blank, longer than 1024 or holds controls
     */
    public Builder name(String name) {
      this.name = PlainText.require(name, MAX_NAME);
      return this;
    }

    /** Sets the size in bytes; negative means unknown. */
    public Builder size(long size) {
      this.size = Math.max(size, -1);
      return this;
    }

    /**
     * Sets the path.
     *
     * @throws InvalidIndicatorException if it is blank, longer than 4096 or holds controls
     */
    public Builder path(String path) {
      this.path = PlainText.require(path, MAX_PATH);
      return this;
    }

    /**
     * Sets the media type.
     *
     * @throws InvalidIndicatorException if it is blank, longer than 256 or holds controls
     */
    public Builder mimeType(String mimeType) {
      this.mimeType = PlainText.require(mimeType, MAX_MIME_TYPE).toLowerCase(Locale.ROOT);
      return this;
    }

    /**
     * Builds it.
     *
     * @throws InvalidIndicatorException if there is neither a hash nor a name nor a path
     */
    public File build() {
      return new File(value(), Digests.unmodifiable(hashes), name, size, path, mimeType);
    }

    private String value() {
      for (Map.Entry<HashAlgorithm, String> hash : hashes.entrySet()) {
        HashAlgorithm algorithm = hash.getKey();
        return algorithm.isCryptographic()
            ? hash.getValue()
            : algorithm.ecsName() + ':' + hash.getValue();
      }
      if (name != null) {
        return NAME_PREFIX + name;
      }
      if (path != null) {
        return PATH_PREFIX + path;
      }
      throw new InvalidIndicatorException("file-without-identity", "");
    }
  }
}
