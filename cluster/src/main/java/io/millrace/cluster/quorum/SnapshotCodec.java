package io.millrace.cluster.quorum;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.WireFormat;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.proto.MetadataSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A {@link MetadataSnapshot} as bytes, one record at a time: the whole may be larger than what one
 * wants in memory twice. Stateless.
 */
public final class SnapshotCodec {
    private static final int RECORD_TAG =
            MetadataSnapshot.RECORDS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private SnapshotCodec() {}

    /** Writes a snapshot; does not close the stream. Blocks as that does. */
    public static void write(Iterator<MetadataRecord> records, long endOffset, OutputStream out)
            throws IOException {
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        coded.writeInt64(MetadataSnapshot.END_OFFSET_FIELD_NUMBER, endOffset);
        while (records.hasNext()) {
            coded.writeMessage(MetadataSnapshot.RECORDS_FIELD_NUMBER, records.next());
        }
        coded.flush();
    }

    /**
     * The records of a snapshot, read as they are asked for. The bytes are to be known as good: no
     * record is larger than what is left of them.
     *
     * @throws UncheckedIOException from the iterator, if the stream fails or makes no sense
     */
    public static Iterator<MetadataRecord> read(InputStream in) {
        return new Records(CodedInputStream.newInstance(in));
    }

    private static final class Records implements Iterator<MetadataRecord> {
        private final CodedInputStream coded;
        private @Nullable MetadataRecord next;

        Records(CodedInputStream coded) {
            this.coded = coded;
        }

        @Override
        public boolean hasNext() {
            if (next == null) {
                next = read();
            }
            return next != null;
        }

        @Override
        public MetadataRecord next() {
            MetadataRecord record = next == null ? read() : next;
            next = null;
            if (record == null) {
                throw new NoSuchElementException();
            }
            return record;
        }

        private @Nullable MetadataRecord read() {
            try {
                coded.resetSizeCounter();
                for (int tag = coded.readTag(); tag != 0; tag = coded.readTag()) {
                    if (tag == RECORD_TAG) {
                        return coded.readMessage(
                                MetadataRecord.parser(), ExtensionRegistryLite.getEmptyRegistry());
                    }
                    coded.skipField(tag);
                }
                return null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
