package io.millrace.bench.torture;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.bench.history.Anomaly;
import io.millrace.bench.history.Operation;
import io.millrace.bench.history.Operation.Read;
import io.millrace.bench.history.Operation.Step;
import io.millrace.bench.history.Place;
import io.millrace.bench.lab.client.Column;
import io.millrace.bench.lab.client.Journal;
import io.millrace.bench.lab.client.Judged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A run as JSON: the faults, and for each row its counts, its anomalies and its whole history. */
final class HistoryFile {
    private HistoryFile() {}

    /** Writes it. */
    static void write(Path file, long seed, Verdict verdict) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (JsonGenerator json =
                new JsonFactory().createGenerator(file.toFile(), JsonEncoding.UTF8)) {
            json.writeStartObject();
            json.writeNumberField("seed", seed);
            json.writeBooleanField("holds", verdict.holds());
            json.writeArrayFieldStart("problems");
            for (String problem : verdict.problems()) {
                json.writeString(problem);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("faults");
            for (Struck one : verdict.struck()) {
                write(json, one);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("rows");
            for (Judged row : verdict.rows()) {
                write(json, row);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void write(JsonGenerator json, Struck struck) throws IOException {
        json.writeStartObject();
        json.writeStringField("fault", struck.strike().toString());
        json.writeNumberField("node", struck.strike().node());
        json.writeNumberField("beganMs", struck.beganMs());
        json.writeNumberField("passedMs", struck.passedMs());
        json.writeStringField("note", struck.note());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Judged row) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", row.row().guarantee().id());
        json.writeStringField("title", row.row().guarantee().title());
        json.writeBooleanField("holds", row.holds());
        for (Column column : Column.values()) {
            json.writeNumberField(column.label(), row.tally().count(column));
        }
        json.writeArrayFieldStart("anomalies");
        for (Anomaly anomaly : row.anomalies()) {
            json.writeStartObject();
            json.writeStringField("kind", anomaly.kind().label());
            json.writeStringField("what", anomaly.what());
            json.writeArrayFieldStart("operations");
            for (int operation : anomaly.operations()) {
                json.writeNumber(operation);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("notes");
        for (Journal.Note note : row.row().journal().notes()) {
            write(json, note);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("operations");
        for (Operation operation : row.row().journal().history()) {
            write(json, operation);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** As an array, since there are many: when, who, what, the record, its partition. */
    private static void write(JsonGenerator json, Journal.Note note) throws IOException {
        json.writeStartArray();
        json.writeNumber(note.atMs());
        json.writeString(note.client());
        json.writeString(note.kind().name());
        json.writeNumber(note.value());
        json.writeNumber(note.place());
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Operation operation) throws IOException {
        json.writeStartObject();
        json.writeStringField("process", operation.process());
        json.writeNumberField("beganNs", operation.beganNs());
        json.writeNumberField("endedNs", operation.endedNs());
        json.writeStringField("outcome", operation.outcome().name());
        json.writeArrayFieldStart("steps");
        for (Step step : operation.steps()) {
            json.writeStartObject();
            write(json, step);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Step step) throws IOException {
        switch (step) {
            case Step.Sent sent -> {
                json.writeStringField("sent", sent.place().toString());
                json.writeNumberField("value", sent.value());
                json.writeNumberField("offset", sent.offset());
            }
            case Step.Polled polled -> {
                json.writeObjectFieldStart("polled");
                for (Map.Entry<Place, List<Read>> place : polled.reads().entrySet()) {
                    json.writeArrayFieldStart(place.getKey().toString());
                    for (Read read : place.getValue()) {
                        json.writeArray(new long[] {read.offset(), read.value()}, 0, 2);
                    }
                    json.writeEndArray();
                }
                json.writeEndObject();
            }
            case Step.Assigned assigned -> {
                json.writeArrayFieldStart("assigned");
                for (Place place : assigned.places()) {
                    json.writeString(place.toString());
                }
                json.writeEndArray();
            }
            case Step.Committed committed -> {
                json.writeStringField("committed", committed.place().toString());
                json.writeNumberField("offset", committed.offset());
            }
            case Step.Resumed resumed -> {
                json.writeStringField("resumed", resumed.place().toString());
                json.writeNumberField("offset", resumed.offset());
            }
        }
    }
}
