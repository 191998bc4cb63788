package io.millrace.storage.simulation;

import io.millrace.storage.batch.ControlRecord;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.ProducerBatch;
import io.millrace.storage.producer.ProducerStates;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.simulation.disk.SimulatedDisk;
import io.millrace.storage.state.Checkpoint;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What a log's data files say of producers, batch by batch from the log's start on. */
final class Replayed {
    private final ProducerStates states = new ProducerStates();
    private final Map<Long, ByteBuffer> written;

    /**
     * @param checkpoint stored just now: says where the log starts, and what in it is quarantined
     * @param written what was appended, by first offset: what is bad and not found to be yet says
     *     nothing else
     */
    Replayed(SimulatedDisk disk, Checkpoint checkpoint, Map<Long, ByteBuffer> written) {
        this.written = written;
        for (Path file : disk.files()) {
            if (file.toString().endsWith(".log")) {
                take(file, ByteBuffer.wrap(disk.bytes(file)), checkpoint);
            }
        }
    }

    static Checkpoint checkpoint(SimulatedDisk disk, Path folder) {
        byte[] bytes = disk.bytes(folder.resolve(Checkpoint.FILE_NAME));
        return Objects.requireNonNull(Checkpoint.decode(ByteBuffer.wrap(bytes)));
    }

    private void take(Path file, ByteBuffer bytes, Checkpoint checkpoint) {
        long base = Long.parseLong(String.valueOf(file.getFileName()).substring(0, 20));
        var quarantine = new Quarantine();
        checkpoint.quarantined().forEach(quarantine::add);
        var view = new RecordBatchView();
        int at = 0;
        while (at < bytes.limit()) {
            Quarantine.Range bad = quarantine.after(base, at);
            if (bad != null && bad.position() <= at) {
                at = (int) bad.endPosition();
                continue;
            }
            view.wrap(bytes, at);
            RecordBatchView said = asWritten(view);
            if (said.hasProducer() && said.lastOffset() >= checkpoint.logStartOffset()) {
                take(said);
            }
            at += view.sizeBytes();
        }
    }

    private RecordBatchView asWritten(RecordBatchView batch) {
        ByteBuffer original = batch.isCrcValid() ? null : written.get(batch.baseOffset());
        return original == null ? batch : new RecordBatchView().wrap(original, 0);
    }

    private void take(RecordBatchView batch) {
        if (!batch.isControl()) {
            states.applied(ProducerBatch.of(batch));
            return;
        }
        ControlRecord record = ControlRecord.of(batch);
        if (record != null) {
            var end =
                    new TransactionEnd(
                            batch.producerId(),
                            batch.producerEpoch(),
                            record.coordinatorEpoch(),
                            record.commit(),
                            false);
            states.ended(end, batch.baseOffset(), batch.maxTimestamp());
        }
    }

    /** All that is known, by producer. */
    Map<Long, String> producers() {
        return producers(states.snapshot());
    }

    long firstUnstableOffset(long highWatermark) {
        return states.firstUnstableOffset(highWatermark);
    }

    /** All that a snapshot says, by producer: epoch, times, coordinator, transaction, batches. */
    static Map<Long, String> producers(ByteBuffer snapshot) {
        ByteBuffer in = snapshot.duplicate().position(snapshot.position() + 5);
        var all = new TreeMap<Long, String>();
        for (int left = in.getInt(); left > 0; left--) {
            long id = in.getLong();
            var said = new ArrayList<Long>();
            said.add((long) in.getShort());
            said.add(in.getLong());
            said.add((long) in.getInt());
            said.add(in.getLong());
            for (int batches = in.get(); batches > 0; batches--) {
                said.add((long) in.getInt());
                said.add((long) in.getInt());
                said.add(in.getLong());
                said.add(in.getLong());
                said.add(in.getLong());
            }
            all.put(id, said.toString());
        }
        return all;
    }
}
