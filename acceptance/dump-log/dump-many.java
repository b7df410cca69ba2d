// Runs Apache Kafka's kafka-dump-log many times in one process. Each line of standard input is a run, its words
// split by tabs; each run is answered by a line "exit bytes-of-output bytes-of-errors" and these bytes.
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.tools.DumpLogSegments;

class DumpMany {
  static final class Ended extends RuntimeException {
    final int code;

    Ended(int code) {
      this.code = code;
    }
  }

  public static void main(String[] words) throws Exception {
    PrintStream answers = System.out;
    Exit.setExitProcedure((code, message) -> {
      throw new Ended(code);
    });
    BufferedReader runs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String run = runs.readLine(); run != null; run = runs.readLine()) {
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      ByteArrayOutputStream errors = new ByteArrayOutputStream();
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
      int code = 0;
      try {
        DumpLogSegments.main(run.split("\t"));
      } catch (Ended ended) {
        code = ended.code;
      } catch (Throwable uncaught) {
        code = 1;
        System.err.print("Exception in thread \"main\" ");
        uncaught.printStackTrace(System.err);
      }
      System.out.flush();
      System.err.flush();
      answers.println(code + " " + output.size() + " " + errors.size());
      output.writeTo(answers);
      errors.writeTo(answers);
      answers.flush();
    }
  }
}
