package io.millrace.storage.batch;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.xxhash.XXHashFactory;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.SnappyInputStream;
import org.xerial.snappy.SnappyOutputStream;

/**
 * Compression of record batches, framed as Kafka's clients frame it. The library of a codec is
 * loaded when that codec is first used.
 */
public enum Codec {
    NONE(0, "none"),
    GZIP(1, "gzip"),
    SNAPPY(2, "snappy"),
    LZ4(3, "lz4"),
    ZSTD(4, "zstd");

    /** Asks for the codec's own default level. */
    public static final int DEFAULT_LEVEL = Integer.MIN_VALUE;

    private static final int LZ4_FAST_LEVEL = 9;
    private static final int BUFFER_BYTES = 16 * 1024;

    private final int id;
    private final String kafkaName;

    Codec(int id, String kafkaName) {
        this.id = id;
        this.kafkaName = kafkaName;
    }

    /** The number in a batch's attributes. */
    public int id() {
        return id;
    }

    /** The value of {@code compression.type} that means this codec. */
    public String kafkaName() {
        return kafkaName;
    }

    /** The codec of that number; null if there is none. */
    public static @Nullable Codec ofId(int id) {
        return switch (id) {
            case 0 -> NONE;
            case 1 -> GZIP;
            case 2 -> SNAPPY;
            case 3 -> LZ4;
            case 4 -> ZSTD;
            default -> null;
        };
    }

    /** Reads what {@code compressed} holds. Its bytes are as hostile as the batch was. */
    InputStream decompress(InputStream compressed) throws IOException {
        return switch (this) {
            case NONE -> compressed;
            case GZIP -> new GZIPInputStream(compressed, BUFFER_BYTES);
            case SNAPPY -> new SnappyInputStream(compressed, 32 * 1024 * 1024);
            case LZ4 -> new LZ4FrameInputStream(compressed);
            case ZSTD ->
                    // Each read of the library's stream is a call into native code.
                    new BufferedInputStream(
                            new ZstdInputStreamNoFinalizer(
                                    compressed, RecyclingBufferPool.INSTANCE),
                            BUFFER_BYTES);
        };
    }

    OutputStream compress(OutputStream target, int level) throws IOException {
        boolean standard = level == DEFAULT_LEVEL;
        return switch (this) {
            case NONE -> target;
            case GZIP -> new LeveledGzip(target, standard ? Deflater.DEFAULT_COMPRESSION : level);
            case SNAPPY -> new SnappyOutputStream(target);
            case LZ4 -> lz4(target, level);
            case ZSTD ->
                    new BufferedOutputStream(
                            new ZstdOutputStreamNoFinalizer(
                                    target, RecyclingBufferPool.INSTANCE, standard ? 3 : level),
                            BUFFER_BYTES);
        };
    }

    /** As Kafka reads the level: its default means the fast compressor, any other the high one. */
    private static OutputStream lz4(OutputStream target, int level) throws IOException {
        var library = LZ4Factory.fastestInstance();
        boolean fast = level == DEFAULT_LEVEL || level == LZ4_FAST_LEVEL;
        return new LZ4FrameOutputStream(
                target,
                LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB,
                -1,
                fast ? library.fastCompressor() : library.highCompressor(level),
                XXHashFactory.fastestInstance().hash32(),
                LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE);
    }

    private static final class LeveledGzip extends GZIPOutputStream {
        LeveledGzip(OutputStream target, int level) throws IOException {
            super(target, BUFFER_BYTES);
            def.setLevel(level);
        }
    }
}
